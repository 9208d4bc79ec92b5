import { spawn } from 'node:child_process';
import type { SetUp } from './set-up';
import type { Transport } from './transport';

/** Runs requests as processes of this machine, without a server between. A cut kills all of the request's own group. */
export function localTransport(setUp: SetUp): Transport {
  return {
    setUp,
    carry: ({ payload, env, read }) => {
      const child = spawn(setUp.command, ['/bin/sh', '-c', 'eval "$(cat)"'], { env, detached: true });
      const [out, err]: [Buffer[], Buffer[]] = [[], []];
      const resume = (): void => {
        child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
      };
      if (read) resume();
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
      child.stdin.on('error', () => undefined);
      child.stdin.end(payload);
      const closed = new Promise<void>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', () => resolve());
      });
      return Promise.resolve({
        closed,
        stdout: () => Buffer.concat(out),
        stderr: () => Buffer.concat(err),
        resume,
        cut: () => {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        },
      });
    },
  };
}
