import { createHash, timingSafeEqual } from 'node:crypto';
import type { AuthContext, ParsedKey } from 'ssh2';

/** As sshd's `MaxAuthTries`: how many attempts may fail on one connection. */
export const MAX_AUTH_TRIES = 6;

/** Who may log in. */
export interface Account {
  readonly user: string;
  readonly key: ParsedKey;
}

// Hashed first, so that neither the length nor the place of the first difference shows in the time.
function equalInConstantTime(left: string | Buffer, right: string | Buffer): boolean {
  const digest = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/**
 * Answers authentication requests: `publickey` with the one key of the one user, nothing else (RFC 4252 section 7).
 *
 * @param exhausted called once, when {@link MAX_AUTH_TRIES} attempts have failed
 */
export function createAuthenticator(account: Account, exhausted: () => void): (context: AuthContext) => void {
  const publicKey = account.key.getPublicSSH();
  let failures = 0;

  const allowed = (context: AuthContext): boolean => {
    const userMatches = equalInConstantTime(context.username, account.user);
    if (context.method !== 'publickey') return false;
    const keyMatches = equalInConstantTime(context.key.data, publicKey) && context.key.algo === account.key.type;
    if (!userMatches || !keyMatches) return false;
    // Without a signature the client only asks whether the key would do; `accept` then answers SSH_MSG_USERAUTH_PK_OK.
    if (context.signature === undefined) return true;
    // ssh2 puts the session identifier and the whole request into `blob`, so a signature is good for this session only.
    return context.blob !== undefined && account.key.verify(context.blob, context.signature, context.hashAlgo) === true;
  };

  return (context) => {
    if (allowed(context)) {
      context.accept();
      return;
    }
    context.reject(['publickey']);
    // Clients ask with `none` for the methods that can continue; OpenSSH does not count that either.
    if (context.method !== 'none' && ++failures === MAX_AUTH_TRIES) exhausted();
  };
}
