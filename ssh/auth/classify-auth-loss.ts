import type { Loss } from '../classify-loss';
import { saysAccountClosed, saysPasswordExpired } from './account-text';
import type { Authenticator } from './authenticator';

/**
 * What it means that a connection ended during authentication: the server's words count, since sshd closes the connection
 * after PAM's word on an account and says nothing more.
 *
 * @param said - all that the server has said so far beside its questions
 */
export function classifyAuthLoss({ type, parts }: Loss, said: string, authenticator: Authenticator): Loss {
  if (type !== 'SshAuthFailed' && type !== 'SshConnectionLost' && type !== 'SshDisconnected') return { type, parts };
  const words = `${said} ${parts.serverText ?? ''}`;
  if (saysPasswordExpired(words)) {
    return { type: 'SshAuthPasswordExpired', parts: { ...parts, what: 'wants a new password for this user' } };
  }
  if (saysAccountClosed(words)) {
    return { type: 'SshAuthFailed', parts: { ...parts, what: 'says that the account is closed' } };
  }
  if (type !== 'SshAuthFailed') return { type, parts };
  const refusal = authenticator.refusal();
  return { type: refusal.type, parts: { ...parts, what: refusal.what } };
}
