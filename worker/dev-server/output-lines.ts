import type { Readable } from 'node:stream';

const MAX_LINE = 4096;

/**
 * Splits streams into lines and keeps the last ones, however much there is to read. Lines are cut at 4096 characters
 * and cleaned of control characters, because they end up on terminals and in messages.
 */
export class OutputLines {
  readonly #keep: number;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #last: string[] = [];

  constructor(keep: number, onLine?: (line: string) => void) {
    this.#keep = keep;
    this.#onLine = onLine;
  }

  /** Reads a stream to its end. */
  follow(stream: Readable): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(0, MAX_LINE);
      lines.forEach((line) => this.#add(line));
    });
    stream.once('end', () => {
      if (rest !== '') this.#add(rest);
    });
    stream.on('error', () => undefined);
  }

  /** The last lines, oldest first. */
  get last(): readonly string[] {
    return this.#last;
  }

  #add(raw: string): void {
    // eslint-disable-next-line no-control-regex
    const line = raw.slice(0, MAX_LINE).replace(/\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f]/g, '');
    this.#last.push(line);
    if (this.#last.length > this.#keep) this.#last.shift();
    this.#onLine?.(line);
  }
}
