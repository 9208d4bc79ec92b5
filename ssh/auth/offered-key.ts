import type { ParsedKey } from 'ssh2';
import type { UserCertificate } from './user-certificate';

/** Hash algorithms of RSA signatures (RFC 8332); other keys have one of their own. */
export type SignatureHash = 'sha256' | 'sha512' | undefined;

/** Signs with the private key, here or in an agent. The format is that of ssh2's own keys and agents. */
export type Signer = (data: Buffer, hash: SignatureHash, done: (result: Buffer | Error) => void) => void;

/** What the public-key requests of a key are made from. */
export interface OfferedKey {
  readonly sign: Signer;
  readonly certificate: UserCertificate | undefined;
  /** Why there is no signature; ssh2 is told so by the stand-in, and goes on. */
  failure: Error | undefined;
}

const offeredKeys = new WeakMap<object, OfferedKey>();

/** What stands behind a stand-in of {@link standIn}. */
export function offeredKey(key: object): OfferedKey | undefined {
  return offeredKeys.get(key);
}

/**
 * A key to give to ssh2 in the place of another: it shows the certificate where there is one, and counts as a private
 * key although an agent may hold that. The signatures are made by {@link OfferedKey.sign}.
 */
export function standIn(key: ParsedKey, sign: Signer, certificate?: UserCertificate): ParsedKey {
  const offered: OfferedKey = { sign, certificate, failure: undefined };
  const blob = certificate?.blob ?? key.getPublicSSH();
  const stand = Object.create(key, {
    isPrivateKey: { value: () => true },
    getPublicSSH: { value: () => blob },
    sign: { value: () => offered.failure ?? new Error('no signature') },
  }) as ParsedKey;
  offeredKeys.set(stand, offered);
  return stand;
}

/** Signs with a private key that is in memory. */
export function signerOf(key: ParsedKey): Signer {
  return (data, hash, done) => done(key.sign(data, hash));
}
