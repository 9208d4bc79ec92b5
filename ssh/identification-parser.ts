import { recogniseForeignProtocol } from './foreign-protocol';

const MAX_LINES = 1024;
const MAX_LINE_BYTES = 8 * 1024;
const MAX_BYTES = 256 * 1024;
const HEAD_BYTES = 4 * 1024;
const LF = 0x0a;
// The same expression as ssh2's, so that what passes here passes there.
const IDENTIFICATION = /^SSH-(?:2\.0|1\.99)-[^ ]+(?: .*)?$/;

/** What the parser makes of the bytes so far. */
export type IdentificationProgress =
  | { readonly state: 'reading' }
  /** The line, without its end, and the bytes that ssh2 has to see: the line as it came and what followed it. */
  | { readonly state: 'complete'; readonly line: string; readonly bytes: Buffer }
  | { readonly state: 'foreign'; readonly protocol: string }
  | { readonly state: 'version'; readonly line: string }
  | { readonly state: 'invalid'; readonly what: string };

/**
 * Finds the server's identification line in a stream (RFC 4253 section 4.2).
 *
 * Other lines may come before it. Like OpenSSH it stops at 1,024 lines and at 8 KiB a line, and also at 256 KiB in
 * all, so that no server can make a worker read for ever. What came before the line is kept for the failure.
 */
export class IdentificationParser {
  #rest: Buffer = Buffer.alloc(0);
  #scanned = 0;
  #lines = 0;
  /** Bytes of the lines that are done. */
  #lineBytes = 0;
  #foreign: string | undefined;
  #head: Buffer = Buffer.alloc(0);
  readonly #before: Buffer[] = [];

  /** Everything that is not the identification: whole lines and what there is of the next. */
  get text(): Buffer {
    return Buffer.concat([...this.#before, this.#rest]);
  }

  push(chunk: Buffer): IdentificationProgress {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const end = this.#rest.indexOf(LF, this.#scanned);
      const isIdentification = this.#rest.subarray(0, 4).toString('latin1') === 'SSH-';
      const excess = this.#excess(end);
      if (excess) return excess;
      if (end === -1) {
        this.#scanned = this.#rest.length;
        break;
      }
      if (isIdentification) return this.#judge(this.#rest.subarray(0, end));
      this.#before.push(this.#rest.subarray(0, end + 1));
      this.#rest = this.#rest.subarray(end + 1);
      this.#lineBytes += end + 1;
      this.#scanned = 0;
      if (++this.#lines >= MAX_LINES) return invalid(`sent ${MAX_LINES} lines and no identification`);
    }
    this.#suspect(chunk);
    return this.#foreign === undefined ? { state: 'reading' } : { state: 'foreign', protocol: this.#foreign };
  }

  /**
   * The limit that the line breaks first. By position, not by what has come: the outcome must not depend on how the bytes
   * were split.
   */
  #excess(end: number): IdentificationProgress | undefined {
    const length = end === -1 ? this.#rest.length : end;
    const left = MAX_BYTES - this.#lineBytes;
    const tooMuch = end === -1 ? length > left : length >= left;
    if (tooMuch && left <= MAX_LINE_BYTES) return TOO_MUCH;
    return length > MAX_LINE_BYTES ? invalid('sent a line of over 8 KiB') : undefined;
  }

  /** Looks at the first bytes only: a server that drips single bytes must not cost the square of their number. */
  #suspect(chunk: Buffer): void {
    const room = HEAD_BYTES - this.#head.length;
    if (room <= 0 || chunk.length === 0) return;
    this.#head = Buffer.concat([this.#head, chunk.subarray(0, room)]);
    this.#foreign = recogniseForeignProtocol(this.#head);
  }

  #judge(raw: Buffer): IdentificationProgress {
    const line = raw.toString('latin1').replace(/\r$/, '');
    if (IDENTIFICATION.test(line)) {
      // RFC 4253 wants printable US-ASCII; ssh2 hashes anything else differently from the server, and then reports a
      // bad signature, which would point at an attack.
      if (!/^[\x20-\x7e]*$/.test(line)) return invalid('sent an identification that is not US-ASCII');
      return { state: 'complete', line, bytes: this.#rest };
    }
    return /^SSH-(?:0|1)\.\d/.test(line) || /^SSH-[3-9]/.test(line) || /^SSH-2\.[1-9]/.test(line)
      ? { state: 'version', line }
      : invalid('sent a line that begins with SSH- and is no identification');
  }
}

const TOO_MUCH = invalid('sent over 256 KiB and no identification');

function invalid(what: string): IdentificationProgress {
  return { state: 'invalid', what };
}
