import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Becomes the program, after it has left a watchdog behind that ends the whole process group when descriptor 3 closes:
 * that is what the kernel does when we die, however we die. As the shell turns into the program, the process id that we
 * know is the program's, and there is no moment without a watchdog.
 */
const WATCHDOG = `
( trap "" HUP INT TERM
  read -r line <&3
  kill -s TERM -- "-$$"
  n=0
  while [ $n -lt 100 ] && kill -0 "$$"; do sleep 0.1; n=$((n + 1)); done
  kill -s KILL -- "-$$"
) </dev/null >/dev/null 2>&1 &
exec "$@" 3<&-
`;

/** What {@link superviseProcess} takes. */
export interface SupervisedProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program in a process group of its own that cannot outlive this process. */
export interface SupervisedProcess {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the program has ended, its output was read to the end and its group is empty. */
  readonly ended: Promise<ProcessEnd>;
  /** SIGTERM to the group, SIGKILL after `graceMs`. Resolves as {@link ended}. */
  end(graceMs: number): Promise<ProcessEnd>;
}

function sendToGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function groupIsEmpty(pid: number): Promise<void> {
  // A container's init that reaps no orphans is why there is a limit.
  for (let waited = 0; waited < 2000 && sendToGroup(pid, 0); waited += 20) await delay(20);
}

function endOf(child: ChildProcess, pid: number): Promise<ProcessEnd> {
  const lifeline = child.stdio[3] as Duplex;
  lifeline.on('error', () => undefined);
  return new Promise((resolve) => {
    // The watchdog has nothing to watch any more, and what else is left would hold the output open.
    child.once('exit', () => {
      sendToGroup(pid, 'SIGKILL');
      lifeline.destroy();
    });
    child.once('close', (code, signal) => void groupIsEmpty(pid).then(() => resolve({ code, signal })));
  });
}

/**
 * Starts a program without standard input. It gets no signals from the terminal, and it ends when this process does,
 * even by SIGKILL.
 *
 * Rejects when `/bin/sh` cannot be run. A program that cannot be run ends with the shell's 126 or 127.
 */
export async function superviseProcess(options: SupervisedProcessOptions): Promise<SupervisedProcess> {
  const { command, args, env, cwd } = options;
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'temporal-ssh', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const { pid, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null) throw new Error('/bin/sh has no process id.');
  const ended = endOf(child, pid);
  return {
    pid,
    stdout,
    stderr,
    ended,
    end: async (graceMs) => {
      sendToGroup(pid, 'SIGTERM');
      const timer = setTimeout(() => sendToGroup(pid, 'SIGKILL'), graceMs);
      try {
        return await ended;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
