import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostSideScript } from '../../../../ssh/job/host-side-script';
import { jobPayload } from '../../../../ssh/job/job-payload';
import type { PayloadVariables } from '../../../../ssh/job/job-payload';
import { MARKER_VARIABLE, identify, markedWith, signalProcess } from '../../../support/processes';
import { makeScratch } from '../../../support/scratch';
import type { Owned } from '../../../support/test-owner';
import { parseAnswer } from './answer';
import type { Answer } from './answer';
import type { SetUp } from './set-up';
import type { Carried, Transport } from './transport';

const DEFAULTS: PayloadVariables = {
  digest: 'd'.repeat(32),
  shell: '/bin/sh',
  grace: 1,
  out: 0,
  err: 0,
  stream: 'out',
  from: 0,
  length: 65_536,
  why: 'cancel',
  age_success: 0,
  age_failure: 0,
  age_tomb: 0,
};

/** What a request is sent with, beside its own variables. */
export interface RequestOptions {
  /** `SET_UP_PATH` takes the place of the set-up's PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Shell text that goes before the request. */
  readonly before?: string;
  /** Over a connection of its own, so that it can be cut without harm to other requests. @default false */
  readonly alone?: boolean;
  /** With false its answer is not read until `resume`. @default true */
  readonly read?: boolean;
}

/** A request under way. */
export interface Sent {
  readonly answer: Promise<Answer>;
  /** What has come until now. */
  text(): string;
  /** Loses its connection, once it has one. Its answer is then what has come. */
  cut(): Promise<void>;
  /** Reads on, where it was sent with `read: false`. */
  resume(): Promise<void>;
}

/** A host with a directory of its own for jobs, where `host-side.sh` is sent requests. */
export class FaultHost {
  readonly scratch: string;
  readonly root: string;
  readonly marker = randomBytes(8).toString('hex');

  constructor(
    t: Required<Owned>['t'],
    readonly transport: Transport
  ) {
    t.after(() => this.endAll());
    this.scratch = makeScratch({ t }).path;
    this.root = join(this.scratch, 'jobs');
  }

  get setUp(): SetUp {
    return this.transport.setUp;
  }

  /** Where a job is kept, or a file of it. */
  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  /** The directory of the attempt that claimed a job. */
  attempt(id: string): string {
    return this.path(id, readlinkSync(this.path(id, 'gate')).split(':')[2] ?? '');
  }

  /** A job that says in a file that it ran, and then runs the rest. */
  counted(rest = ''): string {
    return `echo x >>'${this.scratch}/count'\n${rest}`;
  }

  /** How often a counted job ran. */
  get count(): number {
    const file = join(this.scratch, 'count');
    return existsSync(file) ? readFileSync(file, 'utf8').length / 2 : 0;
  }

  payload(
    op: string,
    ids: string,
    variables: PayloadVariables = {}
  ): { readonly nonce: string; readonly text: string } {
    const nonce = randomBytes(16).toString('hex');
    const all = { nonce, op, ids, root: this.root, ...DEFAULTS, ...variables };
    // A variable that is not given is empty: the shell's own environment must not stand in for it.
    const names =
      'proc bootfile script env cwd umask stdin has_stdin nice ioclass deadline lease maxlog boot sums reason note';
    const empty = Object.fromEntries(names.split(' ').map((name) => [name, undefined]));
    return { nonce, text: jobPayload('host', { ...empty, ...all }, hostSideScript()) };
  }

  send(op: string, ids: string, variables: PayloadVariables = {}, options: RequestOptions = {}): Sent {
    const { nonce, text } = this.payload(op, ids, variables);
    const { env, before = '', alone = false, read = true } = options;
    const all = { HOME: this.scratch, [MARKER_VARIABLE]: this.marker, ...env };
    let carried: Carried | undefined;
    const carrying = this.transport.carry({ payload: before + text, env: all, alone, read });
    const answered = async (): Promise<Answer> => {
      carried = await carrying;
      await carried.closed;
      return parseAnswer(nonce, carried.stdout(), carried.stderr().toString());
    };
    return {
      answer: answered(),
      text: () => carried?.stdout().toString('latin1') ?? '',
      cut: async () => (await carrying).cut(),
      resume: async () => (await carrying).resume(),
    };
  }

  request(op: string, ids: string, variables: PayloadVariables = {}, options: RequestOptions = {}): Promise<Answer> {
    return this.send(op, ids, variables, options).answer;
  }

  /** Kills whatever a host of this name has started, however detached. */
  async endAll(): Promise<void> {
    for (let left = markedWith(this.marker); left.length > 0; left = markedWith(this.marker)) {
      for (const target of left) signalProcess(target, 'SIGKILL');
      await delay(5);
    }
  }

  /** Fails when something is left running on the host. */
  async assertQuiet(): Promise<void> {
    const running = (): string[] =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
        .filter((pid) => {
          const read = (file: string): string => {
            try {
              return readFileSync(`/proc/${pid}/${file}`, 'latin1');
            } catch {
              return '';
            }
          };
          const ours = read('environ').includes(this.marker) || read('cmdline').includes(this.scratch);
          return ours && identify(Number(pid)) !== undefined;
        })
        .map((pid) => pid);
    await eventually(
      () => running().length === 0,
      () => `still running: ${running().join(' ')}`
    );
  }
}

/** Waits until something holds; fails after a time that only a fault takes. */
export async function eventually(holds: () => boolean, otherwise: string | (() => string)): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, typeof otherwise === 'string' ? otherwise : otherwise());
    await delay(5);
  }
}
