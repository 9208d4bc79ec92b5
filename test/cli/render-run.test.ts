import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LiveScreen } from '../../cli/live-screen';
import { progressLines } from '../../cli/progress-lines';
import { renderRun } from '../../cli/render-run';
import { stderrLinesOf } from '../../cli/stderr-lines';
import { textWidth } from '../../cli/text-width';
import type { SshFleetHost, SshProgress, SshQuestion } from '../../contract';

const at = (seconds: number): string => new Date(Date.UTC(2030, 0, 1) + seconds * 1_000).toISOString();
const now = Date.parse(at(75));
const view = { workflowId: 'run-1', width: 80, height: 24, color: false, now };

const question: SshQuestion = {
  kind: 'decision',
  step: 'build it',
  host: 'web-2',
  text: 'It failed: SshExitStatus: exit code 3',
  since: at(30),
  answers: ['retry', 'compensate', 'stop', 'skip'],
};

const runbook: SshProgress = {
  kind: 'runbook',
  name: 'release',
  state: 'waiting',
  startedAt: at(0),
  steps: [
    {
      name: 'fetch',
      kind: 'exec',
      state: 'succeeded',
      startedAt: at(0),
      endedAt: at(4),
      hosts: [{ host: 'web-1', state: 'succeeded', exitCode: 0 }],
    },
    {
      name: 'build it',
      kind: 'exec',
      state: 'running',
      startedAt: at(4),
      hosts: [
        { host: 'web-1', state: 'running' },
        { host: 'web-2', state: 'waiting' },
        {
          host: 'web-3',
          state: 'failed',
          exitCode: 3,
          type: 'SshExitStatus',
          message: 'it \u001b[31mbroke\u001b[0m\r\nFORGED',
        },
      ],
    },
    { name: 'restart', kind: 'exec', state: 'pending' },
  ],
  questions: [question],
  decisions: [{ at: at(20), update: 'pause', by: 'ann@desk', reason: 'a look' }],
};

const HOSTS = 10_000;
const fleetHosts: readonly SshFleetHost[] = Array.from({ length: HOSTS }, (_, index) => ({
  host: `host-${index}`,
  state: index === HOSTS - 1 ? 'failed' : index % 100 === 0 ? 'running' : 'pending',
  step: 'upgrade',
  ...(index === HOSTS - 1 && { type: 'SshConnectTimeout', message: 'no answer in 30 s' }),
}));
const fleet: SshProgress = {
  kind: 'rollout',
  name: 'kernel',
  state: 'running',
  startedAt: at(-7_000),
  steps: [],
  hosts: fleetHosts,
  counts: { total: HOSTS, pending: 9_899, running: 100, succeeded: 0, failed: 1, skipped: 0, undone: 0 },
  batch: { current: 2, total: 40 },
  questions: [],
  decisions: [],
};

void describe('a run on a terminal', () => {
  void test('80x24: what waits and how to answer, then the steps, with the hosts that are not done', () => {
    assert.deepEqual(renderRun(runbook, view), GOLDEN);
  });

  void test('10,000 hosts fit: those that failed stay, the rest is counted', () => {
    const lines = renderRun(fleet, view);
    assert.equal(lines.length, 24);
    assert.equal(lines[0], 'rollout kernel: running, 1h57m, run-1');
    assert.equal(lines[1], '[!>..................] 1/10000 hosts, batch 2/40: 1 failed, 100 running, 9899 p~');
    assert.equal(lines.at(-2), 'host-9999 failed            upgrade: SshConnectTimeout: no answer in 30 s');
    assert.equal(lines.at(-1), 'and 9979 more: 80 running, 9899 pending');
  });

  void test('no size is exceeded, with any number of questions', () => {
    const questions = Array.from({ length: 300 }, (_, index) => ({ ...question, host: `\u6f22\u5b57-${index}` }));
    for (const [width, height] of [
      [20, 3],
      [40, 10],
      [80, 24],
      [200, 60],
    ] as const) {
      for (const progress of [runbook, fleet, { ...fleet, questions }]) {
        const lines = renderRun(progress, { ...view, width, height });
        assert.ok(lines.length <= height, `${lines.length} lines in ${height}`);
        for (const line of lines) assert.ok(textWidth(line) <= width, `${width}: ${line}`);
      }
    }
    const lines = renderRun({ ...fleet, questions }, view);
    assert.ok(lines.some((line) => /and \d+ more questions wait/.test(line)));
  });

  void test('colours are on the state only, and no control character of a host comes through', () => {
    const lines = renderRun(runbook, { ...view, color: true });
    assert.ok(
      lines.some((line) => line.startsWith('fetch    \u001b[32msucceeded\u001b[0m')),
      lines.join('\n')
    );
    const bare = lines
      .join('')
      .split('\u001b[')
      .map((part) => part.replace(/^\d+m/, ''))
      .join('');
    assert.doesNotMatch(bare, /\p{Cc}/u);
    assert.ok(!lines.join('').includes('\u001b[31mbroke'));
  });

  void test('is drawn in place', () => {
    const written: string[] = [];
    const live = new LiveScreen({ columns: 80, rows: 24, write: (text) => written.push(text) });
    assert.deepEqual(live.size, { width: 79, height: 23 });
    live.draw(['a', 'b']);
    live.draw(['c']);
    assert.deepEqual(written, ['\u001b[Ja\nb\n', '\u001b[2A\r\u001b[Jc\n']);
  });
});

void describe('a run as lines', () => {
  void test('the first look tells what there is, the next only what has changed', () => {
    assert.deepEqual(progressLines(undefined, runbook, 'run-1'), [
      'runbook release: waiting',
      'decision: pause, by ann@desk: a look',
      'step fetch on web-1: succeeded',
      'step fetch: succeeded',
      'step build it: running',
      'step build it on web-1: running',
      'step build it on web-2: waiting',
      'step build it on web-3: failed (exit code 3): SshExitStatus: it broke FORGED',
      'waits: build it on web-2: It failed: SshExitStatus: exit code 3',
      "answer: temporal-ssh resolve run-1 --step 'build it' --host web-2 --reason TEXT --decision retry|compensate|stop|skip",
    ]);
    assert.deepEqual(progressLines(runbook, runbook, 'run-1'), []);
    const paused: SshProgress = { ...runbook, paused: true };
    assert.deepEqual(progressLines(runbook, paused, 'run-1'), ['runbook release: waiting, paused']);
    assert.match(renderRun(paused, view)[0] ?? '', /^runbook release: waiting, paused, /);
    const over: SshProgress = { ...runbook, state: 'failed', endedAt: at(60) };
    assert.equal(progressLines(undefined, over, 'run-1').at(-1), 'runbook release: failed');
    const counts = { total: 1, pending: 0, running: 1, succeeded: 0, failed: 0, skipped: 0, undone: 0 };
    assert.deepEqual(progressLines(runbook, { ...runbook, counts }, 'run-1'), ['1 host: 1 running']);
    assert.deepEqual(progressLines(runbook, { ...runbook, questions: [], state: 'running' }, 'run-1'), [
      'runbook release: running',
    ]);
  });
});

void test('a dry run that failed: a line a host, then how it ended', () => {
  const why = { type: 'SshAuthFailed', message: 'refused. Add the key.' };
  const dry: SshProgress = {
    ...runbook,
    state: 'failed',
    endedAt: at(60),
    dryRun: true,
    steps: [
      {
        name: 'check',
        kind: 'reachable',
        state: 'failed',
        leftOut: 7,
        hosts: [
          { host: 'web-1', state: 'succeeded' },
          { host: 'web-2', state: 'failed', ...why },
        ],
      },
    ],
    questions: [],
    decisions: [],
    failure: { type: 'SshRunFailed', message: '1 of 2 hosts are not ready: web-2' },
  };
  assert.deepEqual(progressLines(undefined, dry, 'run-1'), [
    'host web-1: succeeded',
    'host web-2: failed: SshAuthFailed: refused. Add the key.',
    'step check: 7 more hosts are not listed',
    'runbook release (dry run): failed',
  ]);
  assert.doesNotMatch(renderRun(dry, view).join('\n'), /failure:/);
});

void test('a failure is told once, with what the command wrote to stderr; a wait that nobody ends has its end', () => {
  const why = 'web-1 ended the command with exit code 3. See stdout and stderr in the details.';
  const failed: SshProgress = {
    ...fleet,
    counts: { total: 1, pending: 0, running: 0, succeeded: 0, failed: 1, skipped: 0, undone: 0 },
    batch: { current: 1, total: 1 },
    hosts: [
      {
        ...{ host: 'web-1', state: 'failed', step: 'build', type: 'SshExitStatus', message: why },
        stderrTail: 'make: \u001b[31mno rule\r\n  at all',
      },
    ],
    state: 'failed',
    endedAt: at(60),
    failure: { type: 'SshTooManyFailures', message: `1 of 1 hosts failed, and 0 may. web-1: SshExitStatus ${why}` },
  };
  assert.deepEqual(progressLines(undefined, failed, 'run-1'), [
    'batch 1 of 1',
    `host web-1: failed at build: SshExitStatus: ${why}`,
    '  stderr:',
    '    make: no rule',
    '    at all',
    '1 host: 1 failed',
    'failure: SshTooManyFailures: 1 of 1 hosts failed, and 0 may. web-1: SshExitStatus',
    'rollout kernel: failed',
  ]);
  assert.deepEqual(stderrLinesOf(failed), ['  stderr of build on web-1:', '    make: no rule', '    at all']);
  assert.doesNotMatch(renderRun(failed, view).join('\n'), /failure:/);
  const waiting: SshProgress = { ...fleet, waitingFor: { what: 'window', until: at(600) } };
  const words = `rollout kernel: running, waits for its window to open until ${at(600)}`;
  assert.equal(progressLines(undefined, waiting, 'run-1')[0], words);
  assert.deepEqual(progressLines(fleet, waiting, 'run-1'), [words]);
  assert.match(renderRun(waiting, { ...view, width: 120 })[0] ?? '', /waits for its window to open until 2030-/);
});

const GOLDEN: readonly string[] = [
  'runbook release: waiting, 1m15s, run-1',
  'last decision: pause by ann@desk: a look',
  '? build it on web-2: It failed: SshExitStatus: exit code 3',
  "  temporal-ssh resolve run-1 --step 'build it' --host web-2 --reason TEXT",
  '  --decision retry|compensate|stop|skip',
  'fetch    succeeded      4s web-1',
  'build it running     1m11s web-1, web-2, web-3',
  '  web-1  running',
  '  web-2  waiting',
  '  web-3  failed            exit code 3: SshExitStatus: it broke FORGED',
  'restart  pending',
];
