import { readFileSync, truncateSync, writeFileSync, appendFileSync } from 'node:fs';
import { createJobClient } from '../../../../ssh/job/create-job-client';
import { ConnectionPool } from '../../../../ssh/pool/connection-pool';
import { poolLimits } from '../../../../ssh/pool/pool-options';
import { PATIENT, targetOf } from '../../support/engine';
import type { ServerLike } from '../../support/engine';

/** What the process is given, as JSON in its only argument. */
export interface FollowerTask {
  readonly server: ServerLike;
  readonly jobDirectory: string;
  readonly id: string;
  /** What was read; cut back to the cursor at the start. */
  readonly log: string;
  /** How far it was read, for sure. */
  readonly cursorFile: string;
  /** After so many bytes it says so, and goes on no more. */
  readonly standAfter: number;
}

/** Follows a job like a worker that saves its cursor now and then, and may be killed at any time. */
async function main(): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? '') as FollowerTask;
  const { log, cursorFile } = task;
  let next = Number(readFileSync(cursorFile, 'utf8'));
  let saved = next;
  const begun = next;
  truncateSync(log, next);
  const pool = new ConnectionPool(poolLimits());
  const client = createJobClient(pool, targetOf(task.server, { jobDirectory: task.jobDirectory }), {
    deadlines: PATIENT,
  });
  await client.follow(task.id, {
    cursor: { stdout: next, stderr: 0 },
    onBytes: async (_stream, offset, bytes) => {
      if (offset !== next) throw new Error(`expected byte ${next}, got ${offset}`);
      appendFileSync(log, bytes);
      next += bytes.length;
      if (next - saved > 1_000_000) {
        writeFileSync(cursorFile, String(next));
        saved = next;
      }
      if (next - begun < task.standAfter) return;
      process.stdout.write('stands\n');
      await new Promise(() => undefined);
    },
  });
  writeFileSync(cursorFile, String(next));
  process.stdout.write('ended\n');
  await pool.close();
}

void main();
