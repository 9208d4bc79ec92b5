import { statSync } from 'node:fs';
import type { UserCertificate } from '../auth/user-certificate';
import type { AgentMethod } from '../target';
import { resolveConfigPath } from './config-path';
import { parsePin } from './config-values';
import type { ReportProblem } from './credential-problem';
import { fingerprint } from './fingerprint';
import type { Credential } from './host-config';
import { describeIoError } from './private-file';

/** The fingerprint of a key that is given by it, or by the public key itself. */
function identity(text: string): string[] {
  const pin = parsePin(text);
  if (!pin) return [];
  return ['fingerprint' in pin ? pin.fingerprint : fingerprint(pin.key)];
}

/** The agent of a credential; looks whether its socket is there. */
export function agentMethod(
  { agent = false }: Credential,
  certificate: UserCertificate | undefined,
  baseDir: string,
  report: ReportProblem
): AgentMethod[] {
  if (agent === false) return [];
  const given = typeof agent === 'object' ? (agent.socket ?? true) : agent;
  const socket = given === true ? process.env['SSH_AUTH_SOCK'] : resolveConfigPath(given, baseDir);
  if (!socket) {
    report(
      'SshCredentialUnavailable',
      'agent',
      "expected an agent's socket in SSH_AUTH_SOCK, found none; is an agent running?"
    );
    return [];
  }
  let found: string | undefined;
  try {
    // A named pipe of Windows has no file that could be looked at.
    if (process.platform !== 'win32' && !statSync(socket).isSocket()) found = 'something that is no socket';
  } catch (error) {
    found = describeIoError(error);
  }
  if (found !== undefined) {
    report('SshCredentialUnavailable', 'agent', `expected an agent's socket at ${socket}, found ${found}`);
    return [];
  }
  const identities = typeof agent === 'object' ? agent.identities?.flatMap(identity) : undefined;
  return [{ type: 'agent', socket, ...(identities && { identities }), ...(certificate && { certificate }) }];
}
