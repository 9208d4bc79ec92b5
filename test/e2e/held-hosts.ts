import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { SshRunbookStep } from '../../contract';
import type { HostsFile } from '../../ssh/hosts/host-config';
import { hostConfig } from '../activities/mock-step';
import { dropbearSkipReason, startDropbear } from '../support/dropbear';
import type { RealServer } from '../support/real-server';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { until } from '../worker/processes';

/** A moment in a step: before it has done anything, or when it has done everything. */
export type Phase = 'begin' | 'end';

/** Hosts whose steps write down when they begin and end, all into one list, and stop where a test says. */
export interface HeldHosts {
  readonly hosts: HostsFile;
  /** Makes a step, and its undo, tell when it begins and ends. One whose command fails does not end. */
  told(step: SshRunbookStep): SshRunbookStep;
  /** Empties all hosts, and writes these files on each. */
  reset(files: Readonly<Record<string, string>>): void;
  /** From now on the first step of that name on that host stops at that moment, until it is killed. */
  hold(host: string, step: string, phase: Phase): void;
  /** Resolves once a step is held. */
  held(host: string): Promise<void>;
  /** What has begun and ended on all hosts, in this order: `host step phase`. */
  order(): readonly string[];
  /** A file on a host. */
  read(host: string, name: string): string | undefined;
  /** The names of all, sorted. */
  files(host: string): readonly string[];
  /** Fails where anything that the sessions have started still runs. */
  assertNothingRuns(): Promise<void>;
}

// Part of the step's own shell: what ends that shell ends the wait too. A step is held once, whatever runs it again.
const TELL = `tell() {
  echo "$(cat "$HOME/.name") $1 $2" >> "$HOME/../order"
  [ "$(cat "$HOME/.hold" 2>/dev/null)" = "$1 $2" ] || return 0
  mv "$HOME/.hold" "$HOME/.held"
  while [ -e "$HOME/.held" ]; do sleep 0.1; done
}
`;

// OpenSSH does not hand TERM on to commands of root; Dropbear does.
const isRoot = process.getuid?.() === 0;
const startServer = async (): Promise<RealServer> => (isRoot ? startDropbear() : startSshd());

/** Why there are no such hosts here, for `{ skip }`. */
export const noHeldHosts: string | false = isRoot && dropbearSkipReason();

/** Starts the hosts before the tests of a suite. To be called inside `describe`. */
export function useHeldHosts(names: readonly string[]): HeldHosts {
  const scratch = makeScratch();
  const servers = new Map<string, RealServer>();
  const path = (...parts: readonly string[]): string => join(scratch.path, ...parts);
  const home = (host: string): string => path('hosts', String(servers.get(host)?.port));
  before(async () => {
    for (const name of names) servers.set(name, await startServer());
  });
  after(async () => {
    for (const server of servers.values()) await server.stop();
    scratch.remove();
  });
  const read = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
  return {
    get hosts() {
      const entries = [...servers].map(([name, server]) => [name, hostConfig(server, { user: server.user })]);
      return { hosts: Object.fromEntries(entries) as NonNullable<HostsFile['hosts']> };
    },
    told: (step) => {
      // The port is what tells hosts apart that are one machine.
      const begin = `export HOME=${path('hosts')}/"\${SSH_CONNECTION##* }"; . "$HOME/.tell"`;
      const around = (command: unknown, name: string): string =>
        `${begin}; tell ${name} begin; ( ${String(command).trim()}\n) || exit; tell ${name} end`;
      return {
        ...step,
        ...('exec' in step && { exec: around(step.exec, step.name) }),
        ...('healthy' in step && { healthy: around(step.healthy, step.name) }),
        ...(step.undo && { undo: { ...step.undo, exec: around(step.undo.exec, `undo-${step.name}`) } }),
      };
    },
    reset: (files) => {
      rmSync(path('hosts'), { recursive: true, force: true });
      for (const name of names) {
        mkdirSync(home(name), { recursive: true, mode: 0o700 });
        const all = { ...files, '.tell': TELL, '.name': name };
        for (const [file, text] of Object.entries(all)) writeFileSync(join(home(name), file), text);
      }
    },
    hold: (host, step, phase) => writeFileSync(join(home(host), '.hold'), `${step} ${phase}`),
    held: async (host) => until('the step is held', () => existsSync(join(home(host), '.held'))),
    order: () => read(path('hosts', 'order'))?.trimEnd().split('\n') ?? [],
    read: (host, name) => read(join(home(host), name))?.trim(),
    files: (host) =>
      readdirSync(home(host))
        .filter((name) => !name.startsWith('.'))
        .sort(),
    assertNothingRuns: async () => {
      const running = (): readonly string[] => processesIn(scratch.path);
      await until('all commands have ended', () => running().length === 0).catch(() => undefined);
      assert.deepEqual(running(), []);
    },
  };
}

/** What the sessions have started names the directory, also where it has left its session. */
function processesIn(directory: string): readonly string[] {
  const text = (pid: string, name: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'latin1');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter(
      (pid) => /^\d+$/.test(pid) && `${text(pid, 'environ')}${text(pid, 'cmdline')}`.includes(`${directory}/hosts`)
    )
    .map((pid) => text(pid, 'cmdline').replaceAll('\0', ' '));
}
