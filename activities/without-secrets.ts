import { SshError } from '../ssh/ssh-error';

const SHA256 = /\b[0-9a-f]{64}\b/g;
const HIDDEN = '(not shown)';

/**
 * Passes a transfer of secret content on, but for what its failure would tell of it: texts of the secrets, checksums of the
 * content, and what a command on the host wrote about it.
 */
export async function withoutSecrets<T>(transfer: Promise<T>, secrets: readonly string[]): Promise<T> {
  try {
    return await transfer;
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    const { type, details, retryAfterMs } = error;
    const { stdoutTail, stderrTail, ...kept } = details;
    const wrote = stdoutTail !== undefined || stderrTail !== undefined;
    const plain = wrote ? error.message.replace(/ \(".*"\)/s, '') : error.message;
    const message = hide(plain.replace(SHA256, HIDDEN), secrets);
    const serverText = kept.serverText === undefined ? {} : { serverText: hide(kept.serverText, secrets) };
    const hidden = new SshError(type, { message, details: { ...kept, ...serverText } });
    hidden.retryAfterMs = retryAfterMs;
    throw hidden;
  }
}

function hide(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== '').reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
}
