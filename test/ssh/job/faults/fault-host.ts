import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
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
  readonly env?: Readonly<Record<string, string>>;
  /** The program that runs the request, without the request's own command. @default the set-up's */
  readonly through?: readonly [string, ...string[]];
  /** The request's command. @default as the engine's */
  readonly command?: readonly string[];
  readonly umask?: string;
}

/** A request under way. */
export interface Sent {
  readonly child: ChildProcessWithoutNullStreams;
  readonly answer: Promise<Answer>;
  /** What has come until now. */
  text(): string;
}

/** A host with a directory of its own for jobs, where `host-side.sh` is sent requests. */
export class FaultHost {
  readonly scratch: string;
  readonly root: string;
  readonly marker = randomBytes(8).toString('hex');

  constructor(
    t: Required<Owned>['t'],
    readonly setUp: SetUp
  ) {
    t.after(() => this.endAll());
    this.scratch = makeScratch({ t }).path;
    this.root = join(this.scratch, 'jobs');
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
    const [file, ...args] = options.through ?? [this.setUp.command];
    const child = spawn(file, [...args, ...(options.command ?? ['/bin/sh', '-c', 'eval "$(cat)"'])], {
      env: { HOME: this.scratch, [MARKER_VARIABLE]: this.marker, ...options.env },
      detached: true,
    });
    const chunks: Buffer[] = [];
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
    const answer = new Promise<Answer>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => resolve(parseAnswer(nonce, Buffer.concat(chunks), Buffer.concat(said).toString())));
    });
    return { child, answer, text: () => Buffer.concat(chunks).toString('latin1') };
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
