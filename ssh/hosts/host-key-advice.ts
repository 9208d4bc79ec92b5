import { quoteArgument } from '../../contract';
import { fingerprint, keyType } from './fingerprint';

/** What OpenSSH calls a type in file names and in `ssh-keyscan -t`. */
function shortType(type: string): string | undefined {
  if (type.startsWith('ecdsa-')) return 'ecdsa';
  return { 'ssh-ed25519': 'ed25519', 'ssh-rsa': 'rsa' }[type];
}

/** Such as `ssh-ed25519 SHA256:...`. */
export function describeKey(key: Buffer): string {
  return `${keyType(key)} ${fingerprint(key)}`;
}

/** How to see on the host itself which key it has. */
export function compareAdvice(key: Buffer): string {
  const short = shortType(keyType(key));
  return `compare it on the host's console with: ssh-keygen -lf /etc/ssh/ssh_host_${short ?? '*'}_key.pub`;
}

/** How to record the key of a host in a known_hosts file. */
export function recordAdvice(
  key: Buffer,
  address: string,
  port: number,
  alias: string | undefined,
  file: string
): string {
  const line = `${keyType(key)} ${key.toString('base64')}`;
  if (alias !== undefined) return `add the line: ${alias} ${line}`;
  const type = shortType(keyType(key));
  const options = `${type === undefined ? '' : ` -t ${type}`}${port === 22 ? '' : ` -p ${port}`}`;
  return `add it with: ssh-keyscan${options} ${quoteArgument(address)} >> ${quoteArgument(file)}`;
}

/** How to remove what is recorded about a host. */
export function removeAdvice(name: string, file: string): string {
  return `ssh-keygen -R ${quoteArgument(name)} -f ${quoteArgument(file)}`;
}
