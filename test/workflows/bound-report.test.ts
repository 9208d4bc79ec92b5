import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SshDecision, SshHostStepReport, SshProgress, SshQuestion, SshStepReport } from '../../contract';
import { MAX_REPORT_BYTES, boundReport } from '../../workflows/control/bound-report';
import { reportOf } from '../../workflows/runbook/step-record';

const AT = '2030-01-01T00:00:00.000Z';
const range = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const bytes = ({ done: _done, ...report }: SshProgress): number => Buffer.byteLength(JSON.stringify(report));

function large(text: string): SshProgress {
  const hosts = range(1_000, (at): SshHostStepReport => ({
    host: `host-${at}`.padEnd(60, 'x'),
    state: 'failed',
    type: 'SshExitStatus',
    message: text,
  }));
  const steps = range(200, (at): SshStepReport =>
    reportOf({ name: `step ${at}`, kind: 'exec', state: 'failed', message: text, hosts })
  );
  const questions = range(1_000, (at): SshQuestion => ({
    kind: 'decision',
    step: 'step 199',
    host: `host-${at}`,
    text,
    since: AT,
    answers: ['retry', 'skip', 'compensate', 'stop', 'ran'],
  }));
  const decisions = range(100, (at): SshDecision => ({
    at: AT,
    update: 'skipHost',
    by: text,
    reason: `${at} ${text}`,
  }));
  const failure = { type: 'SshExitStatus', message: text };
  const rest = { kind: 'runbook', name: 'large', state: 'failed', startedAt: AT } as const;
  return {
    ...rest,
    steps,
    hosts: hosts.slice(0, 200),
    questions,
    decisions,
    failure,
    done: hosts.map(({ host }) => host),
  };
}

void describe('a report', () => {
  void test('of the largest runbook fits, whatever its texts are made of, and says how many it left out', () => {
    for (const text of ['x'.repeat(500), '\u{1F600}'.repeat(250), '\u0001'.repeat(500), '語'.repeat(500), 'x']) {
      const report = large(text);
      const bounded = boundReport(report);
      assert.ok(bytes(bounded) <= MAX_REPORT_BYTES, `${bytes(bounded)} of ${bytes(report)}`);
      assert.equal(bounded.steps.length, 200);
      for (const { hosts = [], leftOut = 0, counts } of bounded.steps) {
        assert.equal(hosts.length + leftOut, 1_000);
        assert.equal(counts?.failed, 1_000);
      }
      assert.equal(bounded.questions.length + (bounded.leftOut?.questions ?? 0), 1_000);
      assert.equal(bounded.decisions.length + (bounded.leftOut?.decisions ?? 0), 100);
      assert.equal((bounded.hosts?.length ?? 0) + (bounded.leftOut?.hosts ?? 0), 200);
      assert.match(bounded.decisions.at(-1)?.reason ?? '', /^99 /, 'the last ones stay');
      assert.equal(bounded.done?.length, 1_000, 'the next rollout needs them all');
    }
  });

  void test('that fits is as it was', () => {
    const { steps, ...rest } = large('x');
    const small = { ...rest, steps: steps.slice(0, 2), questions: [], decisions: [] };
    assert.deepEqual(boundReport(small), small);
  });
});
