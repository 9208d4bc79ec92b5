// Orders of a shop: local functions and a task over SSH in one workflow, with retries and with compensation.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { sshFailureOf, watchSteps } from '../../client';
import type { SshExecResult } from '../../client';
import type { SshCompensationOutcome } from '../../contract';
import { expect, onGround, runExample } from '../ground/ground';
import type { Ground } from '../ground/ground';
import { onTheBooks, shopActivities } from './activities';
import type { Order } from './activities';

// Beside the source, also for what tsc wrote to lib/.
const PACK = join(__dirname, '..', '..', '..', 'examples', 'order', 'pack.sh');

async function main(): Promise<void> {
  const books = mkdtempSync(join(tmpdir(), 'temporal-ssh-example-books-'));
  const activities = { ...shopActivities(books) };
  try {
    await onGround(
      { hosts: ['warehouse'], workflowsPath: require.resolve('./workflows'), activities },
      async (ground) => {
        const warehouse = ground.host('warehouse');
        warehouse.write('pack', readFileSync(PACK, 'utf8'), 0o755);
        warehouse.write('stock', 'lamp\n');
        await delivered(ground, books);
        await undone(ground, books);
      }
    );
  } finally {
    rmSync(books, { recursive: true, force: true });
  }
}

/** The warehouse is down when the order comes, and comes up after the second attempt. */
async function delivered(ground: Ground, books: string): Promise<void> {
  const { say } = ground;
  const warehouse = ground.host('warehouse');
  const order: Order = { id: 'order-1', item: 'lamp', amount: 40 };
  await warehouse.stop();
  say('-> order-1: a lamp; the warehouse is down');
  const handle = await ground.start('order', [order]);
  await watching(
    handle,
    async (failedTwice) => {
      await failedTwice;
      say(`   so far: ${onTheBooks(books, order).join(', ')}, and it waits for the warehouse`);
      await warehouse.start();
      say('   the warehouse is up again');
      return handle.result();
    },
    say
  );
  const parcel = (await handle.result()) as string;
  say(`   done: ${parcel}; on the books: ${onTheBooks(books, order).join(', ')}`);
  expect('the parcel is another', parcel === 'parcel-1');
  expect('it is not on the books', onTheBooks(books, order).join() === 'reserved,charged');
  expect('it was packed more than once', warehouse.lines('log').join() === 'asked for lamp,packed lamp for order-1');
}

/** The warehouse answers, and has nothing to pack. */
async function undone(ground: Ground, books: string): Promise<void> {
  const { say } = ground;
  const order: Order = { id: 'order-2', item: 'chair', amount: 90 };
  say('-> order-2: a chair, which the warehouse does not have');
  const handle = await ground.start('order', [order]);
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  if (!(error instanceof WorkflowFailedError)) throw new Error('order-2 succeeded');
  const failure = sshFailureOf(error);
  const began = sshFailureOf(failure?.error.cause);
  const outcome = failure?.details as unknown as SshCompensationOutcome | undefined;
  const { exitCode, stderr = '' } = (began?.details ?? {}) as Partial<SshExecResult>;
  say(`   failed: ${began?.type}: exit code ${exitCode}, ${stderr.trim()}`);
  say(
    `   undone, in this order: ${outcome?.undone.join(', ')}; on the books: ${onTheBooks(books, order).join() || 'nothing'}`
  );
  expect(`it ends with ${failure?.type}`, failure?.type === 'SshCompensated' && began?.type === 'SshExitStatus');
  expect('not everything is undone', outcome?.undone.join() === 'refund,release the item');
  expect('something is left on the books', onTheBooks(books, order).length === 0);
  expect('it was asked for more than once', ground.host('warehouse').lines('log').at(-1) === 'asked for chair');
}

/** Tells of failed attempts while `fn` runs; its promise resolves with the second one. */
async function watching(
  handle: WorkflowHandle,
  fn: (failedTwice: Promise<void>) => Promise<unknown>,
  say: Ground['say']
): Promise<void> {
  const over = new AbortController();
  let watched: Promise<unknown> = Promise.resolve();
  const failedTwice = new Promise<void>((resolve) => {
    watched = watchSteps(handle, {
      intervalMs: 200,
      signal: over.signal,
      onRetry: ({ attempt, stage, failureType }) => {
        say(`   attempt ${attempt} failed: ${failureType} (stage ${stage}); it is tried again`);
        if (attempt >= 2) resolve();
      },
    });
  });
  try {
    await fn(failedTwice);
  } finally {
    over.abort();
    await watched;
  }
}

runExample(main);
