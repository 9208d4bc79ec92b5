import type { Socket } from 'node:net';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import { exit } from '../support/ssh-script';
import { failureOf } from './failure-of';
import { hostsOf, mockStep } from './mock-step';
import { startScriptedCommand } from './scripted-command';
import { reset } from '../support/reset';

/** Resolves when a socket is closed. What the server still writes to a client that is gone may fail before: no matter. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** A command that is not ended would else be waited for without an end. */
const LIMIT = { timeout: 20_000 };

const INPUT = { host: 'box', command: 'deploy' } as const;

/** Interruptions after which another attempt follows. */
const PASSING = {
  WORKER_SHUTDOWN: { workerShutdown: true },
  PAUSED: { paused: true },
  RESET: { reset: true },
} as const;

/** Interruptions after which nobody wants the result. */
const FINAL = {
  CANCELLED: { cancelRequested: true },
  TIMED_OUT: { timedOut: true },
  NOT_FOUND: { notFound: true },
} as const;

for (const [reason, details] of Object.entries(FINAL) as [keyof typeof FINAL, object][]) {
  void test(
    `${reason}: TERM is sent, the connection is gone, and then the activity ends as cancelled`,
    LIMIT,
    async (t) => {
      const { script, channel, signalled, signals } = await startScriptedCommand({ t });
      const step = mockStep({ hosts: hostsOf(script) });
      const running = step.run(INPUT);
      await step.beats();
      const closed = closing(await script.connection(0));
      step.interrupt(reason, details);
      assert.equal(await signalled, 'TERM');
      // What a command makes of TERM does not matter any more.
      exit(await channel, 143);
      await assert.rejects(running, (error) => error instanceof CancelledFailure && error === step.reason);
      await closed;
      assert.deepEqual(signals, ['TERM'], 'once');
    }
  );
}

void test(
  'CANCELLED: a command that ignores TERM is left after the grace; the connection is closed',
  LIMIT,
  async (t) => {
    const { script } = await startScriptedCommand({ t });
    const step = mockStep({ hosts: hostsOf(script) });
    const running = step.run(INPUT);
    await step.beats();
    const closed = closing(await script.connection(0));
    step.interrupt('CANCELLED', { cancelRequested: true });
    await assert.rejects(running, (error) => error === step.reason);
    await closed;
  }
);

void test('CANCELLED: also a connection that breaks meanwhile ends the activity as cancelled', LIMIT, async (t) => {
  const { script, signalled } = await startScriptedCommand({ t });
  const step = mockStep({ hosts: hostsOf(script) });
  const running = step.run(INPUT);
  await step.beats();
  step.interrupt('CANCELLED', { cancelRequested: true });
  await signalled;
  reset(await script.connection(0));
  await assert.rejects(running, (error) => error === step.reason);
});

for (const [reason, details] of Object.entries(PASSING) as [keyof typeof PASSING, object][]) {
  for (const pool of [{ idle: 0 }, {}]) {
    const kept = JSON.stringify(pool);
    void test(
      `${reason} before the exec request (pool: ${kept}): handed on, the command is never sent`,
      LIMIT,
      async (t) => {
        let ask: (() => void) | undefined;
        let accept: (() => unknown) | undefined;
        const asked = new Promise<void>((resolve) => (ask = resolve));
        const { script } = await startScriptedCommand({
          t,
          onSession: (answer) => {
            accept = answer;
            ask?.();
          },
        });
        const step = mockStep({ hosts: hostsOf(script), pool });
        const running = step.run(INPUT);
        await asked;
        step.interrupt(reason, details);
        await assert.rejects(running, (error) => error === step.reason);
        accept?.();
        // A connection that is kept gets to see the answer, on which ssh2 would send the command.
        const socket = await script.connection(0);
        if (!socket.destroyed) await new Promise((resolve) => setTimeout(resolve, 300));
        assert.deepEqual(script.commands, []);
      }
    );
  }

  void test(`${reason} after it, idempotent: handed on`, LIMIT, async (t) => {
    const { script, signalled } = await startScriptedCommand({ t });
    const step = mockStep({ hosts: hostsOf(script) });
    const running = step.run({ ...INPUT, idempotent: true });
    await step.beats();
    step.interrupt(reason, details);
    assert.equal(await signalled, 'TERM');
    await assert.rejects(running, (error) => error === step.reason);
  });

  for (const answered of [true, false]) {
    const when = answered ? 'while it runs' : 'before its answer';
    void test(
      `${reason} after it (${when}), not idempotent: the command goes on and its result is told`,
      LIMIT,
      async (t) => {
        const { script, call, signals } = await startScriptedCommand({ t, held: true });
        const step = mockStep({ hosts: hostsOf(script) });
        const running = step.run(INPUT);
        const request = await call;
        const channel = answered ? request.accept() : undefined;
        // Until the client knows of the answer.
        if (answered) await step.beats();
        step.interrupt(reason, details);
        // Beats look for a change of mind; none of them may end the command.
        await step.beats(3);
        const open = channel ?? request.accept();
        open.write('done\n', () => exit(open, 0));
        const { stdout, exitCode } = await running;
        assert.deepEqual([stdout, exitCode, signals, script.commands.length], ['done\n', 0, [], 1]);
      }
    );
  }

  void test(`${reason}, then CANCELLED: honoured with the next heartbeat`, LIMIT, async (t) => {
    const { script, signalled } = await startScriptedCommand({ t });
    const step = mockStep({ hosts: hostsOf(script) });
    const running = step.run(INPUT);
    await step.beats();
    step.interrupt(reason, details);
    step.interrupt('CANCELLED', { ...details, cancelRequested: true });
    assert.equal(await signalled, 'TERM');
    await assert.rejects(running, (error) => error === step.reason);
  });
}

void test('a drain that takes too long ends the command: SshOutcomeUnknown, terminal', LIMIT, async (t) => {
  const { script, signalled } = await startScriptedCommand({ t });
  const step = mockStep({ hosts: hostsOf(script), drainTimeout: 200 });
  const running = failureOf(step.run(INPUT));
  await step.beats();
  step.interrupt('WORKER_SHUTDOWN', { workerShutdown: true });
  assert.equal(await signalled, 'TERM');
  const failure = await running;
  assert.deepEqual([failure.type, failure.nonRetryable], ['SshOutcomeUnknown', true]);
  assert.match(failure.message, /the worker shut down and the command did not end within 200 ms/);
  assert.deepEqual(failure.details, { stage: 'run', host: 'box', elapsedMs: 200, commandMayHaveRun: true });
});

void test('a command that ends within the drain keeps its own failure', LIMIT, async (t) => {
  const { script, channel } = await startScriptedCommand({ t });
  const step = mockStep({ hosts: hostsOf(script), drainTimeout: '30 days' });
  const running = failureOf(step.run(INPUT));
  await step.beats();
  step.interrupt('WORKER_SHUTDOWN', { workerShutdown: true });
  await step.beats(1);
  exit(await channel, 9);
  const { type, details } = await running;
  assert.deepEqual([type, details.exitCode], ['SshExitStatus', 9]);
});

for (const idempotent of [true, false]) {
  void test(
    `a heartbeat that could not be encoded is no reason to end a command (idempotent: ${idempotent})`,
    LIMIT,
    async (t) => {
      const { script, channel, signals } = await startScriptedCommand({ t });
      const step = mockStep({ hosts: hostsOf(script) });
      const running = step.run({ ...INPUT, idempotent });
      const command = await channel;
      step.interrupt('HEARTBEAT_DETAILS_CONVERSION_FAILED', {});
      await step.beats(3);
      exit(command, 0);
      assert.equal((await running).exitCode, 0);
      assert.deepEqual(signals, []);
    }
  );
}

for (const reason of ['CANCELLED', 'WORKER_SHUTDOWN'] as const) {
  void test(`${reason} ends the wait for a function that looks hosts up and never answers`, LIMIT, async () => {
    const step = mockStep({ hosts: async () => new Promise<never>(() => undefined) });
    const running = step.run(INPUT);
    step.interrupt(reason, reason === 'CANCELLED' ? { cancelRequested: true } : { workerShutdown: true });
    await assert.rejects(running, (error) => error === step.reason);
  });
}
