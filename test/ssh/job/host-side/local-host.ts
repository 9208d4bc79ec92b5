import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { hostSideScript } from '../../../../ssh/job/host-side-script';
import { jobPayload } from '../../../../ssh/job/job-payload';
import type { PayloadVariables } from '../../../../ssh/job/job-payload';
import { parseJobStatus } from '../../../../ssh/job/job-status';
import type { JobStatusLine } from '../../../../ssh/job/job-status';
import { makeScratch } from '../../../support/scratch';
import type { Scratch } from '../../../support/scratch';
import type { HostShell } from './shells';

/** What the program of jobs answered. */
export interface HostAnswer {
  readonly text: string;
  /** The last status, or that of the end. */
  readonly status: JobStatusLine['status'] | undefined;
  readonly started: boolean;
  /** `TYPE` of an error. */
  readonly error: string | undefined;
  readonly exit: number | string | null;
}

const NONCE = 'feedface';
const DEFAULTS: PayloadVariables = {
  ...{
    nonce: NONCE,
    proc: '',
    bootfile: '',
    digest: 'd',
    script: 'true',
    shell: '/bin/sh',
    env: '',
    cwd: '',
    umask: '',
  },
  ...{ stdin: '', has_stdin: '', nice: '', ioclass: '', deadline: '', lease: '', maxlog: '', grace: 1, boot: '' },
  // Whoever was killed does not begin any more.
  patience: 1_000,
  ...{ out: 0, err: 0, sums: '', stream: 'out', from: 0, length: 65_536, why: 'cancel', reason: '' },
};

/** A host that is this machine, with one shell as its `/bin/sh`; requests go to it without a server between. */
export class LocalHost {
  readonly scratch: Scratch;
  readonly root: string;
  readonly counter: string;
  readonly #prefix: readonly string[];
  readonly #path: string;
  #requests = 0;

  constructor(t: Pick<TestContext, 'after'>, shell: HostShell) {
    this.scratch = makeScratch({ t });
    t.after(() => this.endAll());
    this.root = join(this.scratch.path, 'jobs');
    this.counter = join(this.scratch.path, 'runs');
    const { prefix, path } = shell.prepare(this.scratch);
    this.#prefix = prefix;
    this.#path = path;
  }

  /** The script of a job that writes down that it runs, and does something more. */
  job(more = ':'): string {
    return `echo run >> ${this.counter}\n${more}`;
  }

  get runs(): number {
    return existsSync(this.counter) ? readFileSync(this.counter, 'utf8').split('\n').length - 1 : 0;
  }

  payload(op: string, ids: string, variables: PayloadVariables = {}): string {
    // The nonce names the attempt too: each request has its own.
    this.#requests += 1;
    const nonce = `${NONCE}${this.#requests}`;
    return jobPayload('host', { ...DEFAULTS, root: this.root, nonce, op, ids, ...variables }, hostSideScript());
  }

  /** Starts a request; `env` may put other programs in front of the usual ones. */
  spawn(payload: string, { path = '', env = {} }: { path?: string; env?: Record<string, string> } = {}): ChildProcess {
    const [file = '', ...args] = [...this.#prefix, '/bin/sh', '-c', 'eval "$(cat)"'];
    const child = spawn(file, args, {
      env: { HOME: this.scratch.path, PATH: path === '' ? this.#path : `${path}:${this.#path}`, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(payload);
    return child;
  }

  async ask(
    op: string,
    ids: string,
    variables: PayloadVariables = {},
    how: Parameters<LocalHost['spawn']>[1] = {}
  ): Promise<HostAnswer> {
    return answerOf(this.spawn(this.payload(op, ids, variables), how));
  }

  /** Processes of the host's jobs: they have its directory in their arguments, environment or working directory. */
  processes(): readonly number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => {
        const text = read(`/proc/${pid}/cmdline`) + read(`/proc/${pid}/environ`) + link(`/proc/${pid}/cwd`);
        return text.includes(this.scratch.path) && !read(`/proc/${pid}/stat`).includes(') Z ');
      })
      .map(Number);
  }

  /** Waits until nothing of it runs; fails with what does. */
  async quiet(): Promise<void> {
    for (let tries = 0; this.processes().length > 0; tries += 1) {
      if (tries === 400) {
        const left = this.processes().map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`);
        throw new Error(`still running: ${left.join('; ')}`);
      }
      await delay(25);
    }
  }

  endAll(): void {
    for (const pid of this.processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }
}

async function answerOf(child: ChildProcess): Promise<HostAnswer> {
  let text = '';
  child.stdout?.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  child.stderr?.resume();
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const lines = text.split('\n');
  const states = lines.flatMap(
    (line) => /^feedface\d+ state (.*)$/.exec(line)?.[1] ?? /^X (.*)$/.exec(line)?.[1] ?? []
  );
  const last = states.at(-1);
  const status = last === undefined ? undefined : parseJobStatus('host', last);
  const error = lines.map((line) => /^feedface\d+ error (\w+)/.exec(line)?.[1]).find((type) => type !== undefined);
  return { text, status: status?.status, started: status?.started ?? false, error, exit: code ?? signal };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
