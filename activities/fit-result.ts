import { MAX_RESULT_BYTES } from '../contract';
import type { SshOutputEncoding } from '../contract';

const LEFT_OUT = '\n[... more left out to fit the size limit of a result ...]\n';

/** The part of a result that can be cut. */
export interface FittedOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/**
 * The result, cut further if its JSON would be larger than Temporal takes.
 *
 * Bytes that JSON has to escape grow up to six times, so that the limit on output alone does not bound the payload.
 * Beyond 2 MiB the server would refuse the result of a command that has run.
 */
export function fitResult<T extends FittedOutput>(
  result: T,
  encoding: SshOutputEncoding = 'utf8',
  limit: number = MAX_RESULT_BYTES
): T {
  let fitted = result;
  while (jsonBytes(fitted) > limit) {
    const longer = jsonBytes(fitted.stdout) >= jsonBytes(fitted.stderr) ? 'stdout' : 'stderr';
    if (fitted[longer] === '') break;
    fitted = { ...fitted, [longer]: halve(fitted[longer], encoding), truncated: true };
  }
  return fitted;
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function halve(text: string, encoding: SshOutputEncoding): string {
  // Multiples of four characters keep both parts decodable.
  const keep = Math.floor(text.length / 4 / 4) * 4;
  if (encoding === 'base64') {
    const tailStart = Math.ceil((text.length - keep) / 4) * 4;
    return text.slice(0, keep) + text.slice(tailStart);
  }
  const [head, ...rest] = text.split(LEFT_OUT);
  const tail = rest.length > 0 ? rest.join('') : (head ?? '');
  if (keep < LEFT_OUT.length) return '';
  return `${wellFormed((head ?? '').slice(0, keep))}${LEFT_OUT}${wellFormed(tail.slice(-keep))}`;
}

/** The text without halves of surrogate pairs at its ends. */
function wellFormed(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}
