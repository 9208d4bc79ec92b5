import type { SshJobStream } from '../../contract';
import { protocolFault } from './protocol-fault';

/** Something that the host's program said. */
export type JobEvent =
  | { readonly type: 'state' | 'ended'; readonly text: string }
  | { readonly type: 'error'; readonly failure: string; readonly message: string }
  | { readonly type: 'end' }
  | { readonly type: 'follow' }
  | { readonly type: 'bytes'; readonly stream: SshJobStream; readonly offset: number; readonly bytes: Buffer }
  | { readonly type: 'alive'; readonly state: string; readonly stdout: number; readonly stderr: number };

const NOISE_BYTES = 2_048;
const MAX_LINE = 65_536;
const MAX_FRAME = 1_048_576;
const NEWLINE = 0x0a;

/**
 * Reads what the host's program says, in whatever chunks it comes. Bytes of frames are handed on as they come; never more
 * than a line is kept.
 *
 * @throws `ExecFault` of type `SshProtocolError` for whatever does not belong there
 */
export class FrameParser {
  readonly #mark: Buffer;
  #phase: 'noise' | 'lines' | 'frames' | 'data' | 'newline' | 'over' = 'noise';
  #kept = Buffer.alloc(0);
  #frame: { readonly stream: SshJobStream; offset: number; left: number } = { stream: 'stdout', offset: 0, left: 0 };

  constructor(nonce: string) {
    this.#mark = Buffer.from(`${nonce} `);
  }

  /** The host's program has answered; before, there is only noise of the login shell. */
  get answered(): boolean {
    return this.#phase !== 'noise';
  }

  /** The last of what came before the answer. */
  get noise(): Buffer {
    return this.answered ? Buffer.alloc(0) : this.#kept;
  }

  *push(chunk: Buffer): Generator<JobEvent, void> {
    let rest = chunk;
    while (rest.length > 0) {
      switch (this.#phase) {
        case 'noise':
          rest = this.#skipNoise(rest);
          break;
        case 'data': {
          const bytes = rest.subarray(0, this.#frame.left);
          rest = rest.subarray(bytes.length);
          const { stream, offset } = this.#frame;
          this.#frame.offset += bytes.length;
          this.#frame.left -= bytes.length;
          if (this.#frame.left === 0) this.#phase = 'newline';
          yield { type: 'bytes', stream, offset, bytes };
          break;
        }
        case 'newline':
          if (rest[0] !== NEWLINE) throw protocolFault('a frame that is longer than it says');
          rest = rest.subarray(1);
          this.#phase = 'frames';
          break;
        case 'over':
          throw protocolFault('something after the end');
        default: {
          const at = rest.indexOf(NEWLINE);
          const part = at < 0 ? rest : rest.subarray(0, at);
          if (this.#kept.length + part.length > MAX_LINE) throw protocolFault('a line without end');
          const line = Buffer.concat([this.#kept, part]);
          this.#kept = at < 0 ? line : Buffer.alloc(0);
          rest = at < 0 ? Buffer.alloc(0) : rest.subarray(at + 1);
          if (at < 0) break;
          const event = this.#phase === 'lines' ? this.#line(line) : this.#frameHead(line.toString('utf8'));
          if (event) yield event;
        }
      }
    }
  }

  /** The mark may follow noise that does not end its line: it is random, so that nothing else has it. */
  #skipNoise(chunk: Buffer): Buffer {
    const all = Buffer.concat([this.#kept, chunk]);
    const at = all.indexOf(this.#mark);
    if (at < 0) {
      // A copy: else a little of it would keep the whole chunk.
      this.#kept = Buffer.from(all.subarray(-NOISE_BYTES));
      return Buffer.alloc(0);
    }
    this.#kept = Buffer.alloc(0);
    this.#phase = 'lines';
    return all.subarray(at);
  }

  #line(line: Buffer): JobEvent {
    if (!line.subarray(0, this.#mark.length).equals(this.#mark)) throw protocolFault('a line that is not its own');
    const text = line.subarray(this.#mark.length).toString('utf8');
    const [, word, rest = ''] = /^(\S+)(?: (.*))?$/s.exec(text) ?? [];
    if (word === 'state') return { type: 'state', text: rest };
    if (word === 'follow' && rest === '') {
      this.#phase = 'frames';
      return { type: 'follow' };
    }
    if (word === 'end' && rest === '') {
      this.#phase = 'over';
      return { type: 'end' };
    }
    const [, failure, message] = word === 'error' ? (/^(\w+) (.*)$/s.exec(rest) ?? []) : [];
    if (failure === undefined || message === undefined) throw protocolFault('a line that is none of its own');
    this.#phase = 'over';
    return { type: 'error', failure, message };
  }

  #frameHead(text: string): JobEvent | undefined {
    const [, kind, offset, length] = /^([OE]) (\d{1,16}) (\d{1,7})$/.exec(text) ?? [];
    if (kind !== undefined) {
      const [from, left] = [Number(offset), Number(length)];
      if (left > MAX_FRAME || !Number.isSafeInteger(from + left)) throw protocolFault('a frame that is too long');
      this.#frame = { stream: kind === 'O' ? 'stdout' : 'stderr', offset: from, left };
      this.#phase = left === 0 ? 'newline' : 'data';
      return undefined;
    }
    const [, state, stdout, stderr] = /^H ([a-z-]{1,40}) (\d{1,15}) (\d{1,15})$/.exec(text) ?? [];
    if (state !== undefined) return { type: 'alive', state, stdout: Number(stdout), stderr: Number(stderr) };
    if (!text.startsWith('X ')) throw protocolFault('a frame of a kind that is none');
    this.#phase = 'over';
    return { type: 'ended', text: text.slice(2) };
  }
}
