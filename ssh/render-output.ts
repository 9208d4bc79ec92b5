import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import type { SshOutputEncoding } from '../contract';
import type { CollectedOutput } from './output-collector';

/** A stream as text. */
export interface RenderedOutput {
  readonly text: string;
  readonly truncated: boolean;
  readonly invalidUtf8: boolean;
}

/**
 * The text of a stream. In `utf8`, what is left out is said in a line of its own, and a character that the cut split
 * is left out as a whole; in `base64` beginning and end stand side by side, since there is no place to say it.
 */
export function renderOutput(output: Omit<CollectedOutput, 'sha256'>, encoding: SshOutputEncoding): RenderedOutput {
  const { head, tail, bytes } = output;
  const missing = bytes - head.length - tail.length;
  const truncated = missing > 0;
  if (encoding === 'base64')
    return { text: Buffer.concat([head, tail]).toString('base64'), truncated, invalidUtf8: false };
  if (!truncated) {
    const whole = Buffer.concat([head, tail]);
    return { text: whole.toString('utf8'), truncated, invalidUtf8: !isUtf8(whole) };
  }
  const start = wholeCharacters(head);
  const end = tail.subarray(continuationBytes(tail));
  const left = bytes - start.length - end.length;
  const text = `${start.toString('utf8')}\n[... ${left} bytes left out ...]\n${end.toString('utf8')}`;
  return { text, truncated, invalidUtf8: !isUtf8(start) || !isUtf8(end) };
}

/** The buffer without a character that is cut off at its end. */
function wholeCharacters(buffer: Buffer): Buffer {
  const decoder = new StringDecoder('utf8');
  decoder.write(buffer);
  const pending = decoder.end().length > 0 ? incompleteBytes(buffer) : 0;
  return buffer.subarray(0, buffer.length - pending);
}

/** How many bytes at the end begin a character of UTF-8 without finishing it: three at most. */
export function incompleteBytes(buffer: Buffer): number {
  for (let back = 1; back <= Math.min(3, buffer.length); back++) {
    const byte = buffer[buffer.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** How many bytes at the beginning belong to a character that began before: three at most. */
export function continuationBytes(buffer: Buffer): number {
  let count = 0;
  while (count < 3 && count < buffer.length && ((buffer[count] ?? 0) & 0xc0) === 0x80) count++;
  return count;
}
