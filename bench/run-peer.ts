import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { PeerJob, PeerTimes } from './peer-job';

const LIMIT_MS = 900_000;

/** Gives a peer's program its job, and reads its times. */
export async function runPeer([file, ...args]: readonly [string, ...string[]], job: PeerJob): Promise<PeerTimes> {
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // No agent, and nothing of the user's.
    env: { ...process.env, SSH_AUTH_SOCK: undefined, PYTHONDONTWRITEBYTECODE: '1' },
    timeout: LIMIT_MS,
  });
  const ended = once(child, 'close');
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(job));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(stderr.trim().split('\n').at(-1) ?? `it ended with ${String(code)}`);
  const times = JSON.parse(stdout) as PeerTimes;
  if (times.failed > 0) {
    throw new Error(`${times.failed} of ${job.count} failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  }
  return times;
}
