import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { FollowerTask } from '../follower-main';
import type { JobServer } from '../job-server';
import { sha256OfMegabytes, writeMegabytes } from '../pseudo-random';
import type { ServerRow } from '../server-row';

const MEGABYTES = 40;
const KILLS = 4;

async function followInProcess(server: JobServer, task: FollowerTask): Promise<string> {
  const args = [require.resolve('../follower-main'), JSON.stringify(task)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  server.t.after(() => child.kill('SIGKILL'));
  let said = '';
  const closed = once(child, 'close');
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said === 'stands\n') child.kill('SIGKILL');
  });
  await closed;
  return said;
}

/** Processes that follow, and are killed. */
export const FOLLOWERS: readonly ServerRow[] = [
  {
    name: `${KILLS} following processes killed by SIGKILL, each going on from the last one's cursor`,
    run: async (server: JobServer): Promise<void> => {
      await server.connect().start(server.job(writeMegabytes(MEGABYTES)));
      const { real, jobDirectory, scratch } = server;
      const { address, port, user, clientKeyFile, hostFingerprint } = real;
      const log = scratch.write('log', '');
      const cursorFile = scratch.write('cursor', '0');
      const task = { server: { address, port, user, clientKeyFile, hostFingerprint }, jobDirectory, id: 'job-1', log };
      for (let kill = 0; kill < KILLS; kill += 1) {
        assert.equal(await followInProcess(server, { ...task, cursorFile, standAfter: 5_300_000 }), 'stands\n');
        const behind = readFileSync(log).length - Number(readFileSync(cursorFile, 'utf8'));
        assert.ok(behind >= 0 && behind < 2_000_000, `${behind} bytes behind`);
      }
      assert.equal(
        await followInProcess(server, { ...task, cursorFile, standAfter: Number.MAX_SAFE_INTEGER }),
        'ended\n'
      );
      const bytes = readFileSync(log);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      assert.deepEqual([bytes.length, sha256], [MEGABYTES * 1_000_000, sha256OfMegabytes(MEGABYTES)]);
      assert.equal(server.runs(), 1);
    },
  },
];
