const LINE_FEED = 10;

/** Takes the output of a script out of what `framed` puts around it. */
export class AnswerFrame {
  readonly #begin: Buffer;
  /** Up to the exit code. */
  readonly #end: Buffer;
  #begun = false;
  #held: Buffer = Buffer.alloc(0);

  constructor(
    nonce: string,
    private readonly onBody: (chunk: Buffer) => void | Promise<void>
  ) {
    this.#begin = Buffer.from(`\n${nonce} begin\n`);
    this.#end = Buffer.from(`\n${nonce} end `);
  }

  push(chunk: Buffer): void | Promise<void> {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (!this.#begun) {
      const at = bytes.indexOf(this.#begin);
      if (at === -1) {
        this.#held = bytes.subarray(-this.#begin.length);
        return;
      }
      this.#begun = true;
      bytes = bytes.subarray(at + this.#begin.length);
    }
    const sure = this.#sureBytes(bytes);
    this.#held = Buffer.from(bytes.subarray(sure));
    return sure === 0 ? undefined : this.onBody(bytes.subarray(0, sure));
  }

  /** After the last chunk: the exit code of the script; `undefined` where it did not come to its end. */
  finish(): number | undefined {
    const code = /^\d{1,3}(?=\n$)/.exec(this.#held.toString('latin1', this.#end.length))?.[0];
    return this.#begun && code !== undefined ? Number(code) : undefined;
  }

  /** What may be the end is not told from content before there is more. */
  #sureBytes(bytes: Buffer): number {
    const longest = this.#end.length + '255\n'.length;
    for (let at = bytes.indexOf(LINE_FEED, -longest); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) {
      const known = Math.min(bytes.length - at, this.#end.length);
      if (bytes.compare(this.#end, 0, known, at, at + known) === 0) return at;
    }
    return bytes.length;
  }
}
