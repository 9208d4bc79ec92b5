import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode, makeTelemetryFilterString } from '@temporalio/worker';
import type { WorkerOptions, WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { temporal as proto } from '@temporalio/proto';
import { sshFailureOf } from '../../contract';
import type { SshFailure } from '../../contract';
import { findProgram } from '../support/find-program';
import { startTemporal } from '../support/temporal';
import type { RealTemporal } from '../support/temporal';

/** Why there can be no Temporal server here, for `{ skip }`. */
export const noTemporal: string | false =
  process.env['TEMPORAL_CLI_PATH'] === undefined && findProgram('temporal') === undefined && 'no Temporal CLI';

/** One event of a history. */
export type HistoryEvent = proto.api.history.v1.IHistoryEvent;

/** How a workflow ended. */
export interface Outcome {
  /** The result, of one that succeeded. */
  readonly result: unknown;
  /** The cause of the failure, as the client has it: `ApplicationFailure`, `CancelledFailure` and so on. */
  readonly error: Error | undefined;
  /** Our failure in it. */
  readonly failure: SshFailure | undefined;
}

/** What the tests of one file run on: a server and a bundle, both made once. */
export interface Ground {
  readonly temporal: RealTemporal;
  readonly workflowBundle: WorkflowBundleWithSourceMap;
  /** Runs a worker while `fn` runs. */
  withWorker<T>(options: Partial<WorkerOptions>, fn: (taskQueue: string) => Promise<T>): Promise<T>;
  /** Starts a workflow that is given 60 s at most, so that none can hang. */
  start(workflow: string, taskQueue: string, args: readonly unknown[], seconds?: number): Promise<WorkflowHandle>;
  execute(workflow: string, taskQueue: string, args: readonly unknown[], seconds?: number): Promise<Outcome>;
}

/** What a promise resolves with; fails where it takes more than 20 s. */
export async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('not within 20 s')), 20_000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** How a workflow ended, or ends. */
export async function outcomeOf(handle: WorkflowHandle): Promise<Outcome> {
  try {
    return { result: await handle.result(), error: undefined, failure: undefined };
  } catch (error) {
    assert.ok(error instanceof WorkflowFailedError, String(error));
    return { result: undefined, error: error.cause, failure: sshFailureOf(error) };
  }
}

/** The events of a workflow so far. */
export async function eventsOf(handle: WorkflowHandle): Promise<readonly HistoryEvent[]> {
  return (await handle.fetchHistory()).events ?? [];
}

/** The activities that a workflow has scheduled, in their order. */
export async function scheduledBy(
  handle: WorkflowHandle
): Promise<readonly proto.api.history.v1.IActivityTaskScheduledEventAttributes[]> {
  return (await eventsOf(handle)).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
}

function installQuietRuntime(): void {
  // The failures are what the tests are about.
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
    },
  });
}

/** Makes the ground before the tests of a suite, and clears it after them. To be called inside `describe`. */
export function useGround(workflowsPath: string): Ground {
  const made: { temporal?: RealTemporal; workflowBundle?: WorkflowBundleWithSourceMap } = {};
  before(async () => {
    installQuietRuntime();
    made.workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    made.temporal = await startTemporal();
  });
  after(async () => {
    await made.temporal?.stop();
    await Runtime.instance().shutdown();
  });
  const ground: Ground = {
    get temporal() {
      assert.ok(made.temporal);
      return made.temporal;
    },
    get workflowBundle() {
      assert.ok(made.workflowBundle);
      return made.workflowBundle;
    },
    withWorker: async (options, fn) => {
      const { nativeConnection: connection } = ground.temporal;
      const taskQueue = options.taskQueue ?? ground.temporal.taskQueue();
      const worker = await Worker.create({
        connection,
        workflowBundle: ground.workflowBundle,
        ...options,
        taskQueue,
      });
      return worker.runUntil(fn(taskQueue));
    },
    start: async (workflow, taskQueue, args, seconds = 60) =>
      ground.temporal.client.workflow.start(workflow, {
        taskQueue,
        args: [...args],
        workflowId: `${workflow}-${randomUUID()}`,
        workflowExecutionTimeout: seconds * 1_000,
      }),
    execute: async (...what) => outcomeOf(await ground.start(...what)),
  };
  return ground;
}
