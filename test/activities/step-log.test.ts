import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger } from '@temporalio/worker';
import type { LogEntry } from '@temporalio/worker';
import { StepLog } from '../../activities/step-log';
import type { SshFailureType } from '../../contract';
import { SshError } from '../../ssh/ssh-error';

function logged(write: (log: StepLog) => void): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  write(new StepLog(new DefaultLogger('TRACE', (entry) => entries.push(entry)), 'web-1'));
  return entries;
}

function failed(type: SshFailureType, nonRetryable: boolean): readonly LogEntry[] {
  const message = 'what a server said';
  const details = {
    stage: 'banner',
    host: 'web-1',
    elapsedMs: 7,
    commandMayHaveRun: false,
    serverText: message,
  } as const;
  const failure = ApplicationFailure.create({ type, message, nonRetryable, nextRetryDelay: 5_000 });
  return logged((log) => log.failed(new SshError(type, { message, details }), failure));
}

it('a retryable failure is one line with fields, and nothing that a server said', () => {
  const [{ level, message, meta } = {} as LogEntry, ...others] = failed('SshServerBusy', false);
  assert.deepEqual(others, []);
  assert.deepEqual([level, message], ['INFO', 'SSH step failed; it can be tried again']);
  const fields = { type: 'SshServerBusy', stage: 'banner', host: 'web-1', elapsedMs: 7, nextDelayMs: 5_000 };
  assert.deepEqual(meta, fields);
});

it('steps that wait for a host that is left alone are for debugging only', () => {
  assert.deepEqual(
    failed('SshHostCoolingDown', false).map(({ level }) => level),
    ['DEBUG']
  );
});

it("a terminal failure has the SDK's line alone", () => {
  assert.deepEqual(failed('SshAuthFailed', true), []);
});

it('each stage that ended well is a line, and one that did not is none', () => {
  const stages = (end: (log: StepLog) => void): readonly unknown[] =>
    logged((log) => {
      log.stage('connect');
      log.stage('banner');
      end(log);
    }).map(({ level, message, meta }) => {
      const { stage, host, ms } = (meta ?? {}) as Readonly<Record<string, unknown>>;
      return [level, message, stage, host, typeof ms];
    });
  const line = (stage: string): unknown => ['DEBUG', 'SSH stage done', stage, 'web-1', 'number'];
  assert.deepEqual(
    stages((log) => log.done()),
    [line('connect'), line('banner')]
  );
  assert.deepEqual(
    stages(() => undefined),
    [line('connect')]
  );
  // On a fresh connection: the first one's stage had failed.
  assert.deepEqual(
    stages((log) => log.stage('connect')),
    [line('connect')]
  );
});
