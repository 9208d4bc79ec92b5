import { createHmac, randomBytes } from 'node:crypto';
import type { UserCertificate } from '../auth/user-certificate';
import type { AuthMethod } from '../target';
import { fingerprint } from './fingerprint';
import type { HostConfig } from './host-config';

// A password must not be guessed from a key that stands in memory for long.
const SALT = randomBytes(32);

/** A digest of all that decides whether two targets may share a connection; of the name too, which failures tell. */
export function shareKey(
  name: string,
  host: HostConfig,
  port: number,
  auth: readonly AuthMethod[],
  knownHostsPaths: readonly string[]
): string {
  const { address, hostKey, hostKeyAlias, strictHostKeyChecking, proxyCommand } = host;
  const policy = [hostKey ?? null, hostKeyAlias ?? null, strictHostKeyChecking ?? 'yes', knownHostsPaths];
  return digest([name, address, port, credentialKey(host.user ?? '', auth), policy, proxyCommand ?? null]);
}

/** A digest of what is offered, and to whom: equal for the same credentials of the same user, on whatever host. */
export function credentialKey(user: string, auth: readonly AuthMethod[]): string {
  return digest([user, auth.map(identityOf)]);
}

function identityOf(method: AuthMethod): readonly unknown[] {
  switch (method.type) {
    case 'publickey':
      return ['publickey', fingerprint(method.key.getPublicSSH()), certified(method.certificate)];
    case 'agent':
      return ['agent', method.socket, method.identities ?? null, certified(method.certificate)];
    case 'keyboard-interactive':
      return ['keyboard-interactive', method.answers.map(({ pattern, answer }) => [pattern, answer])];
    case 'password':
      return ['password', method.password];
  }
}

function certified(certificate: UserCertificate | undefined): string | null {
  return certificate ? fingerprint(certificate.blob) : null;
}

function digest(value: unknown): string {
  return createHmac('sha256', SALT).update(JSON.stringify(value)).digest('hex');
}
