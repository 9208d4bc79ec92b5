import { createHmac, randomBytes } from 'node:crypto';
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
  const credentials = auth.map((method) => {
    switch (method.type) {
      case 'publickey':
        return ['publickey', fingerprint(method.key.getPublicSSH())];
      case 'agent':
        return ['agent', method.socket];
      case 'password':
        return ['password', method.password];
    }
  });
  const { address, user, hostKey, hostKeyAlias, strictHostKeyChecking, proxyCommand } = host;
  const policy = [hostKey ?? null, hostKeyAlias ?? null, strictHostKeyChecking ?? 'yes', knownHostsPaths];
  return createHmac('sha256', SALT)
    .update(JSON.stringify([name, address, port, user, credentials, policy, proxyCommand ?? null]))
    .digest('hex');
}
