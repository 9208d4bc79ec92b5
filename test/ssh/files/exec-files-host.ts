import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SshDeadlines } from '../../../contract';
import type { HostFiles } from '../../../ssh/files/host-files';
import { openExecFiles } from '../../../ssh/files/open-exec-files';
import { ConnectionPool } from '../../../ssh/pool/connection-pool';
import { poolLimits } from '../../../ssh/pool/pool-options';
import { SshError } from '../../../ssh/ssh-error';
import { startDropbear } from '../../support/dropbear';
import { requireProgram } from '../../support/find-program';
import type { RealServer } from '../../support/real-server';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import type { Owned } from '../../support/test-owner';
import { makeSetUp } from '../job/support/set-up';
import type { Shell } from '../job/support/set-up';
import { PATIENT, targetOf } from '../support/engine';

/** What an {@link ExecFilesHost} is made with. */
export interface ExecFilesHostOptions {
  /** What `/bin/sh` is there. @default 'dash' */
  readonly shell?: Shell;
  /** @default 'OpenSSH' */
  readonly server?: 'OpenSSH' | 'Dropbear';
  /** The login shell. @default '/bin/sh' */
  readonly login?: string;
}

/** A server with a directory for files of a test. */
export class ExecFilesHost {
  readonly directory: string;
  readonly #pools: ConnectionPool[] = [];

  private constructor(
    readonly t: Required<Owned>['t'],
    readonly server: RealServer,
    readonly home: string
  ) {
    this.directory = makeScratch({ t }).path;
    t.after(() => this.close());
  }

  static async start(
    t: Required<Owned>['t'],
    { shell = 'dash', server = 'OpenSSH', login = '/bin/sh' }: ExecFilesHostOptions = {}
  ): Promise<ExecFilesHost> {
    const { command, path, home } = makeSetUp({ t, shell });
    const within = [command];
    const real =
      server === 'OpenSSH'
        ? await startSshd({ t, within, account: { home, shell: login }, env: { PATH: path } })
        : await startDropbear({ t, within, account: { shell: login } });
    return new ExecFilesHost(t, real, server === 'OpenSSH' ? home : real.directory);
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  put(name: string, content: string | Buffer, mode = 0o644): string {
    const file = this.path(name);
    writeFileSync(file, content);
    chmodSync(file, mode);
    return file;
  }

  /** Mounts an empty file system of memory that the server sees, and nobody else. */
  mount(name: string, options: string): string {
    const directory = this.path(name);
    mkdirSync(directory);
    this.inside('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', directory);
    return directory;
  }

  /** Runs a program where the server runs. */
  inside(...command: readonly string[]): string {
    const args = ['-t', String(this.server.pid), '-m', ...command];
    const { status, stderr, stdout } = spawnSync(requireProgram('nsenter'), args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Ends the connections of all that was opened. */
  async close(): Promise<void> {
    for (const pool of this.#pools.splice(0)) await pool.close();
  }

  open({
    through = this.server,
    deadlines,
    signal,
  }: {
    readonly through?: Pick<RealServer, 'address' | 'port'>;
    readonly deadlines?: Partial<SshDeadlines>;
    readonly signal?: AbortSignal;
  } = {}): Promise<HostFiles> {
    const pool = new ConnectionPool(poolLimits());
    this.#pools.push(pool);
    const { address, port } = through;
    const target = targetOf({ ...this.server, address, port });
    return openExecFiles(pool, target, { deadlines: { ...PATIENT, ...deadlines }, ...(signal && { signal }) });
  }
}

/** For `assert.rejects`: a failure of a type. */
export function ofType(type: string): (error: unknown) => boolean {
  return (error) => {
    if (error instanceof SshError && error.type === type) return true;
    throw error;
  };
}

/** All of what an iterator gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Bytes that are the same in every run, and like no other place among them. */
export function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = 1; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}
