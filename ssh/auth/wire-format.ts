/** A `string` of RFC 4251 section 5: its length and its bytes. */
export function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Reads the types of RFC 4251 section 5, one after another; throws a `RangeError` where the data ends too soon. */
export class SshReader {
  #at = 0;

  constructor(private readonly data: Buffer) {}

  get position(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at === this.data.length;
  }

  uint32(): number {
    const value = this.data.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  uint64(): bigint {
    const value = this.data.readBigUInt64BE(this.#at);
    this.#at += 8;
    return value;
  }

  string(): Buffer {
    const length = this.uint32();
    const end = this.#at + length;
    if (end > this.data.length) throw new RangeError('a string goes beyond the end');
    const value = this.data.subarray(this.#at, end);
    this.#at = end;
    return value;
  }

  text(): string {
    return this.string().toString('utf8');
  }
}
