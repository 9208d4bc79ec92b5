import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './host-program';
import type { HostProgram } from './host-program';

/** The name of process 1 of a host that can be rebooted. */
export const INIT = 'temporal-ssh-example-init';

// Standard input is how a server learns that the example is gone, however that came about.
const ON =
  'exec 3<&0; "$@" 3<&- </dev/null & server=$!; { read -r _; kill "$server"; } <&3 >/dev/null 2>&1 & wait "$server"';

// Process 1 of a PID namespace: with it everything ends that runs on the host, as it does when power is cut.
const INIT_SCRIPT = [
  'mount -t proc proc /proc && mount --bind "$1" /proc/sys/kernel/random/boot_id || exit 1; shift; exec 3<&0',
  "trap 'exit 0' TERM",
  '"$@" 3<&- </dev/null &',
  '{ read -r _; kill -TERM 1; } <&3 >/dev/null 2>&1 &',
  'wait',
].join('\n');

const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child'];

/** Whether a host can be given a boot of its own here: a PID and a mount namespace, which only root may make. */
export function canReboot(): boolean {
  const unshare = findProgram('unshare');
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || unshare === undefined) return false;
  const script = 'mount -t proc proc /proc && mount --bind /dev/null /proc/sys/kernel/random/boot_id';
  return spawnSync(unshare, [...NAMESPACES, 'sh', '-c', script], { stdio: 'ignore' }).status === 0;
}

/** A server that runs. */
export interface ServerProcess {
  /** Resolves when it has ended, by itself or by {@link stop}. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until it listens.
 *
 * @param keys - where the boot id is kept, of a host with a boot of its own
 */
export async function startServer(program: HostProgram, keys?: string): Promise<ServerProcess> {
  const [file = '', ...args] = keys === undefined ? ['sh', '-c', ON, 'sh', ...program.command] : boot(program, keys);
  // Detached: Ctrl-C is for the example, which still needs its hosts to undo what it did.
  const child = spawn(file, args, { env: program.env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const exited = once(child, 'exit');
  await untilListening(child, program.ready, exited);
  return {
    exited,
    stop: async () => {
      child.stdin?.end();
      await exited;
    },
  };
}

function boot(program: HostProgram, keys: string): readonly string[] {
  const bootId = join(keys, 'boot_id');
  writeFileSync(bootId, `${randomUUID()}\n`);
  return [findProgram('unshare') ?? '', ...NAMESPACES, 'sh', '-c', INIT_SCRIPT, INIT, bootId, ...program.command];
}

async function untilListening(child: ChildProcess, ready: RegExp, exited: Promise<unknown>): Promise<void> {
  let log = '';
  const listening = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        if (ready.test(log)) resolve();
      });
    }
  });
  const early = exited.then(() => {
    throw new Error(`A server ended before it listened:\n${log}`);
  });
  await Promise.race([listening, early]);
  // It ends at some time, which is no error then.
  early.catch(() => undefined);
}
