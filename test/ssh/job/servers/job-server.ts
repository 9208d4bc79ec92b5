import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createJobClient } from '../../../../ssh/job/create-job-client';
import type { JobClient, JobRequest } from '../../../../ssh/job/job-client';
import { ConnectionPool } from '../../../../ssh/pool/connection-pool';
import { poolLimits } from '../../../../ssh/pool/pool-options';
import type { SshTarget } from '../../../../ssh/target';
import type { Through } from '../../../support/cutting-proxy';
import { startDropbear } from '../../../support/dropbear';
import { identify } from '../../../support/processes';
import type { RealServer } from '../../../support/real-server';
import { makeScratch } from '../../../support/scratch';
import type { Scratch } from '../../../support/scratch';
import { startSshd } from '../../../support/sshd';
import type { Owned } from '../../../support/test-owner';
import { PATIENT, targetOf } from '../../support/engine';

/** The servers that every row is for. */
export const SERVER_KINDS = ['OpenSSH', 'Dropbear'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

/** What a row's server is started with. */
export interface ServerSettings {
  /** The login shell; one is given the scratch directory of the row. */
  readonly shell?: (scratch: Scratch) => string;
  /** Lines of `sshd_config(5)`. */
  readonly sshd?: readonly string[];
  /** Arguments of Dropbear. */
  readonly dropbear?: readonly string[];
}

/** A real server, with a home directory of its own, and clients for its jobs. */
export class JobServer {
  readonly jobDirectory: string;
  readonly #homes: readonly string[];

  private constructor(
    readonly t: Required<Owned>['t'],
    readonly kind: ServerKind,
    readonly scratch: Scratch,
    readonly real: RealServer
  ) {
    this.jobDirectory = join(scratch.path, 'jobs');
    this.#homes = [homeIn(scratch), real.directory];
  }

  static async start(t: Required<Owned>['t'], kind: ServerKind, settings: ServerSettings = {}): Promise<JobServer> {
    const scratch = makeScratch({ t });
    const home = homeIn(scratch);
    mkdirSync(home);
    // An older Dropbear has a home of its own, its directory, because it looks for keys there.
    const account = { home, shell: settings.shell?.(scratch) ?? '/bin/sh' };
    const real =
      kind === 'OpenSSH'
        ? await startSshd({ t, account, config: settings.sshd ?? [] })
        : await startDropbear({ t, account, args: settings.dropbear ?? [] });
    return new JobServer(t, kind, scratch, real);
  }

  /** Writes a file into the home directory, for the login shell to find. */
  inHome(name: string, text: string | Buffer): void {
    for (const home of this.#homes) {
      mkdirSync(join(home, name, '..'), { recursive: true });
      writeFileSync(join(home, name), text);
    }
  }

  target(through: Through = this.real, overrides: Partial<SshTarget> = {}): SshTarget {
    const { address, port } = through;
    return targetOf({ ...this.real, address, port }, { jobDirectory: this.jobDirectory, ...overrides });
  }

  /** A client with connections of its own, which end with the row or by `close`. */
  connect(
    through?: Through,
    { target = this.target(through), signal }: { readonly target?: SshTarget; readonly signal?: AbortSignal } = {}
  ): JobClient & { close(): Promise<void> } {
    const pool = new ConnectionPool(poolLimits());
    this.t.after(() => pool.close());
    const client = createJobClient(pool, target, { deadlines: PATIENT, ...(signal && { signal }) });
    return { ...client, close: () => pool.close() };
  }

  /** A request for a job that says in a file of its id that it ran, and then runs the rest. */
  job(rest: string, parts: Partial<JobRequest> = {}): JobRequest {
    const id = parts.id ?? 'job-1';
    const script = `echo x >>'${this.scratch.path}/count-${id}'\n${rest}`;
    return { shell: '/bin/sh', env: {}, graceMs: 1_000, ...parts, id, script };
  }

  /** How often the job of such a request ran. */
  runs(id = 'job-1'): number {
    const file = join(this.scratch.path, `count-${id}`);
    return existsSync(file) ? readFileSync(file, 'utf8').length / 2 : 0;
  }

  /** The processes that jobs and requests have left running on the host; those of a text in their command line only. */
  running(text?: string): readonly number[] {
    const read = (pid: number, file: string): string => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, 'latin1');
      } catch {
        return '';
      }
    };
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => {
        if (!(pid > 0) || pid === process.pid || !identify(pid)) return false;
        const words = read(pid, 'cmdline');
        const env = read(pid, 'environ').split('\0');
        const ours = words.includes(this.jobDirectory) || this.#homes.some((home) => env.includes(`HOME=${home}`));
        return ours && (text === undefined || words.includes(text));
      });
  }

  /** Waits until nothing of any job or request runs. */
  async assertQuiet(): Promise<void> {
    await eventually(
      () => this.running().length === 0,
      () => `still running: ${this.running().join(' ')}`
    );
  }
}

function homeIn(scratch: Scratch): string {
  return join(scratch.path, 'home');
}

/** Waits until something holds; fails after a time that only a fault takes. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  otherwise: string | (() => string)
): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, typeof otherwise === 'string' ? otherwise : otherwise());
    await delay(5);
  }
}
