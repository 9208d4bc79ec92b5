import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerChannel } from 'ssh2';
import type { SshFailureType, SshTimeouts } from '../../contract';
import { freePort } from '../support/free-port';
import { exit, startSshScript } from '../support/ssh-script';
import type { SshScriptOptions } from '../support/ssh-script';
import { startTcpScript } from '../support/tcp-script';
import { failureOf } from './failure-of';
import type { OurFailure } from './failure-of';
import { hostsOf, mockStep } from './mock-step';

const POLICY = { initialInterval: 3_000, backoffCoefficient: 2, maximumInterval: 100_000 } as const;
const INPUT = { host: 'box', command: 'deploy --token=canary' } as const;

interface Case {
  readonly script?: SshScriptOptions;
  readonly timeouts?: SshTimeouts;
  readonly pty?: boolean;
  readonly type: SshFailureType;
  readonly stage: string;
  readonly retryable: boolean;
}

async function run(
  name: string,
  { script: options = {}, timeouts = {}, pty = false }: Case,
  idempotent: boolean
): Promise<OurFailure> {
  const script = await startSshScript(options);
  try {
    const step = mockStep({ hosts: hostsOf(script) }, { attempt: 2, retryPolicy: POLICY });
    const failure = await failureOf(step.run({ ...INPUT, timeouts, idempotent, pty }));
    assert.deepEqual([failure.details.host, failure.details.port], ['box', script.port], name);
    assert.doesNotMatch(JSON.stringify(failure), /canary/, 'no failure tells the command');
    return failure;
  } finally {
    await script.stop();
  }
}

function assertDelay({ nonRetryable, delayMs }: OurFailure, retryable: boolean): void {
  assert.equal(nonRetryable, !retryable);
  if (retryable) assert.ok(delayMs !== undefined && delayMs >= 1_000 && delayMs <= 6_000, `${delayMs} ms`);
  else assert.equal(delayMs, undefined);
}

/** Before the exec request: whether a step is idempotent makes no difference. */
const BEFORE: readonly Case[] = [
  { script: { fault: { stage: 'banner', how: 'fin' } }, type: 'SshBannerClosed', stage: 'banner', retryable: true },
  {
    script: { fault: { stage: 'banner', how: 'silence' } },
    timeouts: { banner: 200 },
    type: 'SshBannerTimeout',
    stage: 'banner',
    retryable: true,
  },
  {
    script: { fault: { stage: 'kex', how: 'silence' } },
    timeouts: { kex: 200 },
    type: 'SshKexTimeout',
    stage: 'kex',
    retryable: true,
  },
  { script: { onAuth: (context) => context.reject() }, type: 'SshAuthFailed', stage: 'auth', retryable: false },
  {
    script: { fault: { stage: 'auth', how: 'silence' } },
    timeouts: { auth: 200 },
    type: 'SshAuthTimeout',
    stage: 'auth',
    retryable: true,
  },
  { script: { fault: { stage: 'channel', how: 'rst' } }, type: 'SshConnectionLost', stage: 'channel', retryable: true },
  {
    script: { fault: { stage: 'channel', how: 'silence' } },
    timeouts: { channel: 200 },
    type: 'SshChannelTimeout',
    stage: 'channel',
    retryable: true,
  },
  {
    script: { onPty: (_accept, reject) => reject() },
    pty: true,
    type: 'SshPtyRefused',
    stage: 'exec',
    retryable: false,
  },
];

for (const each of BEFORE) {
  void test(`${each.type} in ${each.stage}: ${each.retryable ? 'tried again' : 'terminal'}, for every step`, async () => {
    for (const idempotent of [false, true]) {
      const failure = await run(each.type, each, idempotent);
      assert.deepEqual([failure.type, failure.details.stage], [each.type, each.stage]);
      assert.equal(failure.details.commandMayHaveRun, false);
      assertDelay(failure, each.retryable);
    }
  });
}

/** After it: a step that is not idempotent ends here, with what is not known. */
const AFTER: readonly Case[] = [
  {
    script: { fault: { stage: 'exec', how: 'silence' } },
    timeouts: { exec: 200 },
    type: 'SshExecTimeout',
    stage: 'exec',
    retryable: true,
  },
  { script: { fault: { stage: 'run', how: 'rst' } }, type: 'SshConnectionLost', stage: 'run', retryable: true },
  { script: { fault: { stage: 'run', how: 'fin' } }, type: 'SshConnectionLost', stage: 'run', retryable: true },
  {
    script: { onExec: ({ accept }) => void accept() },
    timeouts: { run: 200 },
    type: 'SshRunTimeout',
    stage: 'run',
    retryable: true,
  },
  {
    script: { onExec: ({ accept }) => void accept() },
    timeouts: { idle: 200 },
    type: 'SshIdleTimeout',
    stage: 'run',
    retryable: true,
  },
  {
    script: { onExec: ({ accept }) => accept().close() },
    type: 'SshExitStatusMissing',
    stage: 'run',
    retryable: true,
  },
];

for (const each of AFTER) {
  const how = JSON.stringify(each.script?.fault ?? each.timeouts ?? {});
  void test(`${each.type} ${how}: SshOutcomeUnknown with its cause, unless idempotent`, async () => {
    const once = await run(each.type, each, false);
    assert.equal(once.type, 'SshOutcomeUnknown');
    assertDelay(once, false);
    assert.deepEqual([once.details.commandMayHaveRun, once.details.stage], [true, each.stage]);
    assert.match(once.message, /The command may have run\. Find out on the host whether it ran/);
    assert.deepEqual([once.cause?.type, once.cause?.nonRetryable, once.cause?.cause], [each.type, true, undefined]);

    const again = await run(each.type, each, true);
    assert.deepEqual([again.type, again.details.commandMayHaveRun], [each.type, true]);
    assertDelay(again, true);
  });
}

const ended = (end: (channel: ServerChannel) => void): SshScriptOptions => ({
  onExec: ({ accept }) => {
    const channel = accept();
    channel.stderr.write('why\n');
    channel.write('what\n', () => end(channel));
  },
});

void test('an end that is known is never SshOutcomeUnknown', async () => {
  const known: readonly (Case & { readonly ran: boolean })[] = [
    { script: ended((channel) => exit(channel, 7)), type: 'SshExitStatus', stage: 'run', retryable: false, ran: true },
    {
      script: ended((channel) => {
        (channel.exit as (name: string) => void)('KILL');
        channel.end();
      }),
      type: 'SshExitSignal',
      stage: 'run',
      retryable: false,
      ran: true,
    },
    {
      script: { onExec: ({ reject }) => reject() },
      type: 'SshExecRefused',
      stage: 'exec',
      retryable: false,
      ran: false,
    },
  ];
  for (const each of known) {
    for (const idempotent of [false, true]) {
      const failure = await run(each.type, each, idempotent);
      assert.equal(failure.type, each.type);
      assertDelay(failure, false);
      const { details } = failure;
      assert.deepEqual([details.stage, details.commandMayHaveRun], [each.stage, each.ran]);
      if (!each.ran) continue;
      // The fields of a result beside those of a failure.
      assert.deepEqual([details['stdout'], details['stderr'], details['stdoutBytes']], ['what\n', 'why\n', 5]);
      assert.deepEqual([details['attempt'], details.stdoutTail, details.stderrTail], [2, 'what', 'why']);
      const status = each.type === 'SshExitStatus' ? [7, null] : [-1, 'KILL'];
      assert.deepEqual([details['exitCode'] ?? -1, details['signal'] ?? null], status);
    }
  }
});

void test('a busy server, a penalty, a closed port: each with its own delay', async (t) => {
  const cases = [
    ['Exceeded MaxStartups\r\n', 'SshServerBusy', 1_000, 6_000],
    ['Not allowed at this time\r\n', 'SshServerPenalty', 15_000, 60_000],
  ] as const;
  const script = await startSshScript({ t });
  for (const [text, type, shortest, longest] of cases) {
    const front = await startTcpScript((socket) => socket.end(text), { t });
    const step = mockStep({ hosts: hostsOf(script, { port: front.port }) }, { attempt: 2, retryPolicy: POLICY });
    const failure = await failureOf(step.run(INPUT));
    assert.equal(failure.type, type);
    assert.equal(failure.details.serverText, text.trim());
    assert.ok(failure.delayMs !== undefined && failure.delayMs >= shortest && failure.delayMs <= longest);
  }
  const closed = mockStep({ hosts: hostsOf(script, { port: await freePort() }) }, { attempt: 2, retryPolicy: POLICY });
  const refused = await failureOf(closed.run(INPUT));
  assert.equal(refused.type, 'SshConnectRefused');
  assertDelay(refused, true);
  const wrongKey = mockStep({ hosts: hostsOf(script, { hostKey: `SHA256:${'A'.repeat(43)}` }) });
  const mismatch = await failureOf(wrongKey.run(INPUT));
  assert.deepEqual([mismatch.type, mismatch.nonRetryable, script.authMethods.length], ['SshHostKeyMismatch', true, 0]);
});

void test('the details of a failure stay below what Temporal takes, however large the output', async () => {
  const flood = Buffer.alloc(1024 * 1024);
  const script = await startSshScript({
    onExec: ({ accept }) => {
      const channel = accept();
      channel.stderr.write(flood);
      channel.write(flood, () => exit(channel, 1));
    },
  });
  try {
    const step = mockStep({ hosts: hostsOf(script) });
    const failure = await failureOf(step.run({ ...INPUT, maxOutputBytes: flood.length }));
    assert.equal(failure.type, 'SshExitStatus');
    assert.deepEqual([failure.details['stdoutBytes'], failure.details['truncated']], [flood.length, true]);
    assert.ok(Buffer.byteLength(JSON.stringify(failure)) < 1.75 * 1024 * 1024);
  } finally {
    await script.stop();
  }
});
