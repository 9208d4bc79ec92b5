import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { DevServerError } from './dev-server-error';
import { identifyProcess, isRunning } from './process-identity';
import type { ProcessIdentity } from './process-identity';

const POLL_MS = 100;
/** A server whose owner has died is being ended by its watchdog, which takes 10 s at most. */
const ORPHAN_LIMIT_MS = 15_000;
/** The mutex is held for file operations only; older means that its holder has died. */
const MUTEX_STALE_MS = 10_000;

const identity = z.object({ pid: z.number().int().positive(), start: z.string() });
const contentSchema = z.object({
  id: z.string(),
  owner: identity,
  server: identity.optional(),
  address: z.string().optional(),
});
type Content = z.infer<typeof contentSchema>;

/** Keeps two servers off the same database: SQLite would let both write, and both would be wrong. */
export class DataLock {
  readonly #path: string;
  #content: Content;

  private constructor(path: string, content: Content) {
    this.#path = path;
    this.#content = content;
  }

  /**
   * Takes the lock of a data directory; one whose processes are gone is taken over. Rejects with `DevServerLocked`,
   * naming the process and its address.
   */
  static async acquire(dataDir: string, signal?: AbortSignal): Promise<DataLock> {
    const path = join(dataDir, 'temporal.lock');
    const owner = identifyProcess(process.pid) ?? { pid: process.pid, start: 'unknown' };
    const content: Content = { id: randomUUID(), owner };
    for (let waited = 0; ; waited += POLL_MS) {
      signal?.throwIfAborted();
      const holder = await withMutex(`${path}.mutex`, () => {
        const current = holderOf(path);
        if (current === undefined) write(path, content);
        return current;
      });
      if (holder === undefined) return new DataLock(path, content);
      const orphaned = !isRunning(holder.owner);
      if (!orphaned || waited >= ORPHAN_LIMIT_MS) throw locked(dataDir, holder);
      await delay(POLL_MS);
    }
  }

  /** Adds who the server is, so that the lock holds as long as it runs, and where it answers. */
  describeServer(pid: number, address: string): void {
    const server: ProcessIdentity | undefined = identifyProcess(pid);
    this.#content = { ...this.#content, address, ...(server && { server }) };
    write(this.#path, this.#content);
  }

  /** Gives the lock back. Idempotent; a lock that another process has taken over stays. */
  release(): void {
    if (read(this.#path)?.id === this.#content.id) unlinkSync(this.#path);
  }
}

function read(path: string): Content | undefined {
  try {
    return contentSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Missing, or not ours to understand: it is written in one piece, so it is not half of one.
    return undefined;
  }
}

function write(path: string, content: Content): void {
  const temporary = `${path}.${content.id}`;
  writeFileSync(temporary, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

function holderOf(path: string): Content | undefined {
  const content = read(path);
  if (content === undefined) return undefined;
  return isRunning(content.owner) || (content.server !== undefined && isRunning(content.server)) ? content : undefined;
}

function locked(dataDir: string, { owner, server, address }: Content): DevServerError {
  const process = `process ${(server ?? owner).pid}`;
  const where = address === undefined ? '' : `, which answers at ${address}`;
  const use = address === undefined ? '' : `use it with TEMPORAL_ADDRESS=${address}, `;
  return new DevServerError(
    'DevServerLocked',
    `The data in ${dataDir} is in use by a Temporal server, ${process}${where}. Either ${use}stop it, or choose another data directory.`
  );
}

/** Looking whether a lock is stale and taking it must be one step; only making a directory is one. */
async function withMutex<T>(path: string, action: () => T): Promise<T> {
  for (;;) {
    try {
      mkdirSync(path);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat !== undefined && Date.now() - stat.mtimeMs > MUTEX_STALE_MS) removeMutex(path);
      else await delay(10);
    }
  }
  try {
    return action();
  } finally {
    removeMutex(path);
  }
}

function removeMutex(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Another process found it stale.
  }
}
