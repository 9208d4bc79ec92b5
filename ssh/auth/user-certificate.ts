import { cleanServerText } from '../server-text';
import { SshReader, sshString } from './wire-format';

/** A user certificate (OpenSSH's PROTOCOL.certkeys) of a plain key. */
export interface UserCertificate {
  /** The whole certificate, as it is sent to the server. */
  readonly blob: Buffer;
  /** The public key that it certifies, in the format of RFC 4253 section 6.6. */
  readonly publicKey: Buffer;
  /** What `ssh-keygen -I` gave it; cleaned. */
  readonly keyId: string;
  /** The users that it is for, cleaned; empty means nobody, for OpenSSH's `TrustedUserCAKeys`. */
  readonly principals: readonly string[];
  /** In seconds since 1970, from this second on. */
  readonly validAfter: bigint;
  /** In seconds since 1970, until the second before. */
  readonly validBefore: bigint;
}

/** How many fields the public key has, after its type. */
const KEY_FIELDS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'ssh-rsa': 2,
};
const SUFFIX = '-cert-v01@openssh.com';
const USER_CERTIFICATE = 1;
const HOST_CERTIFICATE = 2;
// More are in no certificate that a message could show.
const MAX_PRINCIPALS = 256;
// The largest that a Date can hold; "forever" is 2^64 - 1.
const MAX_DATE_SECONDS = 8_640_000_000_000n;

type CertificateResult = { readonly certificate: UserCertificate } | { readonly found: string };

function parseBlob(blob: Buffer): CertificateResult {
  const reader = new SshReader(blob);
  const type = reader.text();
  const plainType = type.endsWith(SUFFIX) ? type.slice(0, -SUFFIX.length) : '';
  const fieldCount = Object.hasOwn(KEY_FIELDS, plainType) ? KEY_FIELDS[plainType] : undefined;
  if (fieldCount === undefined)
    return { found: `a certificate of type ${cleanServerText(type, 64)}, which is not supported` };
  reader.string(); // nonce
  const keyFields = Array.from({ length: fieldCount }, () => sshString(reader.string()));
  reader.uint64(); // serial
  const kind = reader.uint32();
  const keyId = cleanServerText(reader.text(), 128);
  const names = new SshReader(reader.string());
  const principals: string[] = [];
  while (!names.atEnd && principals.length < MAX_PRINCIPALS) principals.push(cleanServerText(names.text(), 128));
  const [validAfter, validBefore] = [reader.uint64(), reader.uint64()];
  for (let rest = 0; rest < 5; rest += 1) reader.string(); // critical options, extensions, reserved, signature key, signature
  if (!reader.atEnd) return { found: 'a damaged certificate' };
  if (kind === HOST_CERTIFICATE) return { found: 'a certificate for hosts, not for users; sign without ssh-keygen -h' };
  if (kind !== USER_CERTIFICATE) return { found: `a certificate of the unknown kind ${kind}` };
  const publicKey = Buffer.concat([sshString(plainType), ...keyFields]);
  return { certificate: { blob, publicKey, keyId, principals, validAfter, validBefore } };
}

/** Reads a certificate as `ssh-keygen -s` writes it, `ssh-ed25519-cert-v01@openssh.com AAAA...`; or says what was found instead. */
export function parseUserCertificate(text: string): CertificateResult {
  const [type = '', base64 = ''] = text.trim().split(/\s+/);
  if (/^-----BEGIN/.test(text.trim()))
    return { found: 'a PEM file; a certificate of OpenSSH is the file FILE-cert.pub' };
  if (!type.includes('-cert-v')) {
    const isKey = /^(ssh|ecdsa|sk)-/.test(type);
    return {
      found: isKey
        ? 'a plain public key; the certificate is the file FILE-cert.pub'
        : 'something that is no certificate',
    };
  }
  try {
    const blob = Buffer.from(base64, 'base64');
    return new SshReader(blob).text() === type ? parseBlob(blob) : { found: 'a damaged certificate' };
  } catch (error) {
    if (error instanceof RangeError) return { found: 'a damaged certificate' };
    throw error;
  }
}

function date(seconds: bigint): string {
  return seconds > MAX_DATE_SECONDS ? 'the end of time' : new Date(Number(seconds) * 1000).toISOString();
}

/** What is wrong with a certificate for this key at this time (in milliseconds since 1970), as the words after "found". */
export function certificateProblem(
  certificate: UserCertificate,
  publicKey: Buffer | undefined,
  now: number
): string | undefined {
  const { keyId, validAfter, validBefore } = certificate;
  if (publicKey && !publicKey.equals(certificate.publicKey)) {
    return `the certificate "${keyId}" of another key; compare with: ssh-keygen -L -f FILE and ssh-keygen -l -f KEY`;
  }
  const seconds = BigInt(Math.floor(now / 1000));
  if (seconds >= validBefore) {
    return `the certificate "${keyId}" that expired at ${date(validBefore)}; have the key signed again: ssh-keygen -s CA -I ID -n USER -V +52w KEY.pub`;
  }
  if (seconds < validAfter) {
    return `the certificate "${keyId}" that is not valid before ${date(validAfter)}; check the clock of the worker, or have the key signed again`;
  }
  return undefined;
}

/** A sentence part for a refusal when the certificate is not for this user; a server may map names, so it is no reason to give up. */
export function principalsWarning({ keyId, principals }: UserCertificate, user: string): string | undefined {
  if (principals.includes(user)) return undefined;
  const shown = principals.slice(0, 8).join(', ') + (principals.length > 8 ? ', ...' : '');
  const names = principals.length === 0 ? 'names no principal' : `is for the principals ${shown}`;
  return `the certificate "${keyId}" ${names}, not for the user ${user}`;
}
