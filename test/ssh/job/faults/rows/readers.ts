import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { closeSync, openSync, readFileSync, readdirSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../support/fault-host';
import type { FaultHost } from '../../support/fault-host';
import { expectFields } from '../row';
import type { FaultRow } from '../row';

const MB = 1_048_576;
const SIZE = 110 * MB + 12_345;
const RANGE = 65_536;

function assertSame(found: Buffer, expected: Buffer, what: string): void {
  // Not deepEqual, which would print all of it.
  assert.ok(found.equals(expected), `${what}: ${found.length} bytes, and not the ${expected.length} of the log`);
}

/** Makes the log of a done job long: holes, with something here and there. */
function lengthen(file: string): Buffer {
  truncateSync(file, SIZE);
  const descriptor = openSync(file, 'r+');
  for (let index = 0; index < 400; index += 1) {
    writeSync(descriptor, randomBytes(16_384), 0, 16_384, 64 * MB + randomInt(SIZE - 64 * MB - 16_384));
  }
  closeSync(descriptor);
  return readFileSync(file);
}

function processesWith(mark: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  }).length;
}

/** Those who read what a job writes, one or several, from anywhere. */
export const READERS: readonly FaultRow[] = [
  {
    name: 'cursors at random beyond 64 MB of a log get its very bytes',
    run: async (host: FaultHost): Promise<void> => {
      await host.request('run', 'j', { script: 'echo out' });
      const log = lengthen(join(host.attempt('j'), 'out'));
      for (let index = 0; index < 5; index += 1) {
        const from = 64 * MB + randomInt(SIZE - 64 * MB);
        const { stdout } = await host.request('log', 'j', { from, length: RANGE });
        assertSame(stdout, log.subarray(from, from + RANGE), `log from ${from}`);
      }
      for (const least of [90 * MB, 105 * MB, SIZE - 10]) {
        const out = least + randomInt(Math.min(5 * MB, SIZE - least));
        const answer = await host.request('follow', 'j', { out, err: 0 });
        expectFields(answer, { state: 'done', code: '0', out: String(SIZE) });
        assertSame(answer.stdout, log.subarray(out), `follow from ${out}`);
      }
    },
  },
  {
    name: 'several readers, one stalled and one dead: the job goes on, the others get every byte',
    run: async (host: FaultHost): Promise<void> => {
      const go = join(host.scratch, 'go');
      // More than a channel and a connection hold for somebody who does not read.
      const block = 'head -c 8000000 /dev/urandom';
      const script = `${block}; until [ -e ${go} ]; do echo tick; sleep 0.1; done; ${block}; exit 3`;
      expectFields(await host.request('start', 'j', { script }), { new: '1' });
      const follow = { out: 0, err: 0 };
      const readers = [host.request('follow', 'j', follow), host.request('follow', 'j', follow)];
      const stalled = host.send('follow', 'j', follow, { alone: true, read: false });
      const mark = `DEAD_READER=${host.marker}`;
      const dead = host.send('follow', 'j', follow, { alone: true, env: { DEAD_READER: host.marker } });
      await eventually(() => dead.text().length > MB, 'the reader got nothing');
      assert.ok(processesWith(mark) > 0);
      await dead.cut();
      await dead.answer;
      await eventually(() => processesWith(mark) === 0, 'the process of the dead reader goes on');
      expectFields(await host.request('status', 'j'), { state: 'running' });
      writeFileSync(go, '');
      const answers = await Promise.all(readers);
      expectFields(await host.request('status', 'j'), { state: 'done', code: '3' });
      await stalled.resume();
      const log = readFileSync(join(host.attempt('j'), 'out'));
      for (const answer of [...answers, await stalled.answer]) {
        expectFields(answer, { state: 'done', kind: 'E', code: '3' });
        assertSame(answer.stdout, log, 'a reader');
      }
    },
  },
];
