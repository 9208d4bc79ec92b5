import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SshJobStatus } from '../../../contract';
import { FAILURE_HELP } from '../../../ssh/failure-help';
import { jobFailure } from '../../../ssh/job/job-end';

const target = { name: 'web-1', address: '10.0.0.1', port: 22 };

function failureOf(parts: Partial<SshJobStatus>, okExitCodes: readonly number[] = [0]) {
  const base = { host: 'web-1', id: 'job-1', stdoutBytes: 0, stderrBytes: 0, directory: '/d', bootId: 'b' } as const;
  const status: SshJobStatus = { ...base, state: 'done', ...parts };
  const report = { status, hostKeyFingerprint: '', started: false };
  return jobFailure(report, { target, elapsedMs: 5, okExitCodes, stderrTail: 'last words' });
}

void test('each end has its failure', () => {
  for (const [parts, type] of [
    [{ exitCode: 0 }, undefined],
    [{ exitCode: 1 }, 'SshExitStatus'],
    [{ signal: 'KILL' }, 'SshExitSignal'],
    [{}, 'SshJobLost'],
    [{ state: 'lost-supervisor' }, 'SshJobLost'],
    [{ state: 'lost-reboot', endReason: 'cancel' }, 'SshJobLostByReboot'],
    [{ exitCode: 0, endReason: 'cancel', survivors: [] }, 'SshJobCancelled'],
    [{ signal: 'TERM', endReason: 'deadline' }, 'SshJobDeadline'],
    [{ signal: 'TERM', endReason: 'lease' }, 'SshJobLeaseExpired'],
    [{ signal: 'TERM', endReason: 'log-limit' }, 'SshJobLogLimit'],
    [{ signal: 'TERM', endReason: 'cancel', survivors: ['12(sh)'] }, 'SshJobCancelIncomplete'],
    [{ state: 'void', endReason: 'cancel' }, 'SshJobCancelled'],
    [{ state: 'tampered', survivors: ['12(sh)'] }, 'SshJobTampered'],
    [{ state: 'absent' }, 'SshJobNotFound'],
    [{ state: 'gone', exitCode: 0 }, undefined],
    [{ state: 'gone', exitCode: 3 }, 'SshExitStatus'],
    [{ state: 'running' }, undefined],
  ] as const) {
    assert.equal(failureOf(parts)?.type, type, JSON.stringify(parts));
  }
  assert.equal(failureOf({ exitCode: 3 }, [0, 3]), undefined);
});

void test('a failure tells what the host knows', () => {
  const failure = failureOf({ signal: 'TERM', endReason: 'cancel', cancelReason: 'not wanted', survivors: [] });
  const details = { ...failure?.details };
  assert.deepEqual(details, {
    id: 'job-1',
    state: 'done',
    signal: 'TERM',
    endReason: 'cancel',
    cancelReason: 'not wanted',
    survivors: [],
    stdoutBytes: 0,
    stderrBytes: 0,
    directory: '/d',
    bootId: 'b',
    stage: 'run',
    host: 'web-1',
    address: '10.0.0.1',
    port: 22,
    elapsedMs: 5,
    commandMayHaveRun: true,
    stderrTail: 'last words',
  });
  assert.ok(failure?.message.startsWith('web-1 (10.0.0.1:22) ended the job'));
  assert.ok(failure?.message.endsWith(FAILURE_HELP.SshJobCancelled.next));
  assert.equal(failureOf({ state: 'void' })?.details.commandMayHaveRun, false);
});
