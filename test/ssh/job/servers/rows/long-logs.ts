import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openJobSink } from '../../../../../activities/job-sink';
import type { JobFollower, JobReport } from '../../../../../ssh/job/job-client';
import { startCuttingProxy } from '../../../../support/cutting-proxy';
import type { CuttingProxy } from '../../../../support/cutting-proxy';
import type { JobServer } from '../job-server';
import { sha256OfMegabytes, writeMegabytes } from '../pseudo-random';
import type { ServerRow } from '../server-row';
import { HashingReader } from '../stream-reader';
import { lost } from './start-cuts';

const MEGABYTES = 100;
const CUTS = 25;
const TOO_OLD = 1_000_000;

async function cutting(server: JobServer): Promise<CuttingProxy> {
  return startCuttingProxy(server, server.real, (index) =>
    // At uneven places, each in a frame of another part.
    index < CUTS
      ? { direction: 'down', after: 2_500_000 + index * 77_777, how: index % 2 === 0 ? 'rst' : 'fin' }
      : undefined
  );
}

/** Follows a long log over a line that is cut again and again; each attempt begins where the follower says. */
async function follow(server: JobServer, proxy: CuttingProxy, begin: () => JobFollower): Promise<JobReport> {
  const request = server.job(writeMegabytes(MEGABYTES));
  for (let attempt = 0; attempt < 3 * CUTS; attempt += 1) {
    const client = server.connect(proxy);
    const report = await client.run(request, { ...begin(), sums: true }).catch(lost);
    await client.close();
    if (!report) continue;
    assert.deepEqual([proxy.cuts, server.runs(), report.status.exitCode], [CUTS, 1, 0]);
    return report;
  }
  throw new Error('never came to the end');
}

/** A log that takes many connections. */
export const LONG_LOGS: readonly ServerRow[] = [
  {
    name: `${MEGABYTES} MB of log with ${CUTS} cuts, each byte once`,
    run: async (server: JobServer): Promise<void> => {
      const reader = new HashingReader();
      const report = await follow(server, await cutting(server), () => ({
        cursor: reader.cursor,
        onBytes: reader.onBytes,
      }));
      const sha256 = sha256OfMegabytes(MEGABYTES);
      assert.deepEqual([reader.next, reader.sha256(), report.stdoutSha256], [MEGABYTES * 1_000_000, sha256, sha256]);
    },
  },
  {
    name: `${MEGABYTES} MB of log with ${CUTS} cuts and cursors that are 1 MB too old`,
    run: async (server: JobServer): Promise<void> => {
      const directory = join(server.scratch.path, 'sink');
      let next = 0;
      let repeated = 0;
      // Whoever gives the cursor drops what comes again, by its place: as the activity's files do.
      const sink = await openJobSink(directory, 'web-1', 'job-1');
      await follow(server, await cutting(server), () => ({
        cursor: { stdout: Math.max(0, next - TOO_OLD), stderr: 0 },
        onBytes: async (stream, offset, bytes) => {
          assert.ok(offset <= next, 'a gap');
          repeated += Math.min(bytes.length, next - offset);
          next = Math.max(next, offset + bytes.length);
          await sink.write(stream, offset, bytes);
        },
      }));
      await sink.finish({ stdout: next, stderr: 0 });
      await sink.close();
      const written = createHash('sha256').update(readFileSync(join(directory, 'web-1', 'job-1.out')));
      assert.deepEqual([next, written.digest('hex')], [MEGABYTES * 1_000_000, sha256OfMegabytes(MEGABYTES)]);
      assert.ok(repeated > CUTS * (TOO_OLD / 2), `${repeated} bytes came again`);
    },
  },
];
