import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SshError } from '../../../ssh/ssh-error';
import { assertNothingLeft } from '../../support/handles';
import { CATALOGUE } from './catalogue';
import { scaledDeadlines } from './deadlines';
import type { CatalogueRow } from './row';
import { RowScope } from './row-scope';
import { runScene } from './run-row';

const ROUNDS = 20;
/** Rounds after which what is made once, such as compiled code and caches, is there. */
const WARM_UP = 4;
const AT_ONCE = 16;
const DEADLINES = scaledDeadlines(0.2);

// Buffers of the tests' own servers come and go; what leaks with each connection is larger by far after so many.
const MAX_GROWTH_BYTES = 12 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function heapBytes(): Promise<number> {
  // Finalizers run between two turns of the event loop.
  for (let again = 0; again < 3; again += 1) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Runs a row as it is, and only sees to it that its end is one of the kinds that there may be. */
async function runOnce(row: CatalogueRow): Promise<void> {
  const scope = new RowScope();
  try {
    const scene = await row.arrange({ t: scope, deadlines: DEADLINES });
    const end = await runScene(scene, DEADLINES);
    if (!('error' in end) || end.error instanceof SshError) return;
    assert.equal(end.error, scene.options?.signal?.reason, `${row.name}: ${String(end.error)}`);
  } finally {
    await scope.end();
  }
}

/** Runs all rows so many times; a slow row of one round does not hold up the next. */
async function runRounds(rows: readonly CatalogueRow[], rounds: number): Promise<void> {
  const left = Array.from({ length: rounds }, () => rows).flat();
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (let row = left.shift(); row; row = left.shift()) await runOnce(row);
  });
  await Promise.all(lanes);
}

void describe('the catalogue, again and again in one process', () => {
  const rows = CATALOGUE.flatMap((part) => part.rows).filter((row) => !(row.skip?.() ?? false) && !row.elsewhere);

  void it(`leaves nothing behind after ${ROUNDS} rounds of ${rows.length} cases`, async (t) => {
    const warnings: string[] = [];
    process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
    const listeners = (): number =>
      process.eventNames().reduce((sum, name) => sum + process.listenerCount(name as NodeJS.Signals), 0);
    const before = listeners();
    let warm = 0;
    await assertNothingLeft(async () => {
      await runRounds(rows, WARM_UP);
      warm = await heapBytes();
      await runRounds(rows, ROUNDS - WARM_UP);
    });
    const grownBytes = (await heapBytes()) - warm;
    t.diagnostic(
      `${ROUNDS} rounds of ${rows.length} cases: ${Math.round(grownBytes / 1024)} KiB more since round ${WARM_UP}`
    );
    assert.deepEqual(warnings, []);
    assert.equal(listeners(), before);
    assert.ok(grownBytes < MAX_GROWTH_BYTES, `${grownBytes} bytes more`);
  });
});
