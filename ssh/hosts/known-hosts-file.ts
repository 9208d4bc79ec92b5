import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readSync, readFileSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { keyType } from './fingerprint';
import { hashHostName, matchesHostNames, parseKnownHosts } from './known-hosts';
import type { KnownHosts, KnownHostsEntry } from './known-hosts';

const EMPTY: KnownHosts = { entries: [], unreadableLines: [] };

/** Within this time a file system's clock may not tell two changes apart, in milliseconds. */
const RACY_MS = 2_000;

/** Names whose lines are remembered; a name costs an HMAC for each hashed line when it is not. */
const MAX_NAMES = 10_000;

/** A file of a hundred thousand hosts; what is larger is some other file. */
const MAX_BYTES = 32 * 1024 * 1024;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** A line of a file, and which file that is. */
export interface RecordedKey extends KnownHostsEntry {
  readonly path: string;
}

/** A known_hosts file, read again when it has changed. */
export class KnownHostsFile {
  readonly path: string;
  #stamp: string | undefined;
  #content: KnownHosts = EMPTY;
  #matches = new Map<string, readonly RecordedKey[]>();
  #missing = true;

  constructor(path: string) {
    this.path = path;
  }

  /** There was no file when it was last looked for. */
  get missing(): boolean {
    return this.#missing;
  }

  get unreadableLines(): readonly number[] {
    return this.#content.unreadableLines;
  }

  /** Takes notice of changes. A file that does not exist is an empty one; other trouble is thrown as it is. */
  refresh(): void {
    let stat: BigIntStats;
    try {
      stat = statSync(this.path, { bigint: true });
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      this.#set(undefined, EMPTY, true);
      return;
    }
    if (stat.size > MAX_BYTES) throw Object.assign(new Error('The file is too large.'), { code: 'EFBIG' });
    const stamp = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(':');
    if (stamp === this.#stamp) return;
    const racy = Date.now() - Number(stat.ctimeMs) < RACY_MS;
    this.#set(racy ? undefined : stamp, parseKnownHosts(readFileSync(this.path, 'utf8')), false);
  }

  /** The lines about a host, from what was last read. */
  lookup(name: string): readonly RecordedKey[] {
    const known = this.#matches.get(name);
    if (known) return known;
    const found = this.#content.entries
      .filter(({ names }) => matchesHostNames(names, name))
      .map((entry) => ({ ...entry, path: this.path }));
    if (this.#matches.size >= MAX_NAMES) this.#matches.clear();
    this.#matches.set(name, found);
    return found;
  }

  /**
   * Appends a key for a host, by its name or a hash of it, unless `prevents` finds a reason against it in what the file
   * holds by then.
   *
   * Synchronous from reading to writing, so that nothing of this process can come in between. One write with O_APPEND:
   * lines of other processes are neither lost nor torn.
   */
  append(
    name: string,
    key: Buffer,
    { hashed, prevents }: { readonly hashed: boolean; readonly prevents: () => boolean }
  ): void {
    this.refresh();
    if (prevents()) return;
    this.#write(`${hashed ? hashHostName(name) : name} ${keyType(key)} ${key.toString('base64')}\n`);
    this.refresh();
  }

  #write(line: string): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const descriptor = openSync(this.path, 'a+', 0o600);
    try {
      const { size } = fstatSync(descriptor);
      const last = Buffer.alloc(1);
      const torn = size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
      appendFileSync(descriptor, torn ? `\n${line}` : line);
    } finally {
      closeSync(descriptor);
    }
  }

  #set(stamp: string | undefined, content: KnownHosts, missing: boolean): void {
    this.#stamp = stamp;
    this.#content = content;
    this.#missing = missing;
    this.#matches = new Map();
  }
}
