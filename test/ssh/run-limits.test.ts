import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSshd } from '../support/sshd';
import { exec, targetOf, timesOut } from './support/engine';
import { startWireServer } from './support/wire-server';
import type { Wire } from './support/wire-server';
import { reset } from '../support/reset';

const run = { stage: 'run', commandMayHaveRun: true } as const;

function every(ms: number, wire: Wire, act: () => unknown): void {
  const timer = setInterval(() => (wire.socket.destroyed ? clearInterval(timer) : act()), ms);
}

void test('a command that runs too long is told TERM, and its output is kept', async (t) => {
  const script = await startWireServer(t, { onExec: (wire) => void wire.success().data('begun\n') });
  const timeout = { ...run, type: 'SshRunTimeout', limitMs: 600 } as const;
  const error = await timesOut(targetOf(script), timeout, { deadlines: { run: 600 } });
  assert.equal(error.details.stdoutTail, 'begun');
  assert.deepEqual(script.signals, ['TERM']);
});

void test('output does not move the run limit', async (t) => {
  const sshd = await startSshd({ t });
  const timeout = { ...run, type: 'SshRunTimeout', limitMs: 900 } as const;
  const command = 'while :; do echo tick; sleep 0.1; done';
  await timesOut(targetOf(sshd), timeout, { command, deadlines: { run: 900, idle: 10_000 } });
});

void test('an end that TERM brings about is still the timeout', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => void wire.success(),
    onSignal: (wire) => void wire.exitStatus(0).eof().close(),
  });
  const timeout = { ...run, type: 'SshRunTimeout', limitMs: 400 } as const;
  await timesOut(targetOf(script), timeout, { deadlines: { run: 400 } });
});

void test('a connection that TERM brings down is still the timeout', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => void wire.success(),
    onSignal: (wire) => void reset(wire.socket),
  });
  const timeout = { ...run, type: 'SshRunTimeout', limitMs: 400 } as const;
  await timesOut(targetOf(script), timeout, { deadlines: { run: 400 } });
});

void test('10 kB, then silence', async (t) => {
  const script = await startWireServer(t, { onExec: (wire) => void wire.success().data('x'.repeat(10_000)) });
  const begin = performance.now();
  const timeout = { ...run, type: 'SshIdleTimeout', limitMs: 600 } as const;
  const idle = { deadlines: { idle: 600 } };
  await timesOut(targetOf(script), timeout, idle);
  assert.ok(performance.now() - begin < 10_000);
  assert.deepEqual(script.signals, ['TERM']);
});

void test('output moves the idle limit', async (t) => {
  const sshd = await startSshd({ t });
  const command = 'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.5; done';
  const result = await exec(targetOf(sshd), command, { deadlines: { idle: 3_000 } });
  assert.equal(result.stdout, '1\n2\n3\n4\n5\n6\n7\n8\n');
  assert.ok(result.stages.runMs > 3_000, `${result.stages.runMs} ms`);
});

void test('output to stderr alone moves the idle limit', async (t) => {
  const sshd = await startSshd({ t });
  const command = 'for i in 1 2 3 4 5 6; do echo $i >&2; sleep 0.5; done';
  assert.equal((await exec(targetOf(sshd), command, { deadlines: { idle: 2_500 } })).stderrBytes, 12);
});

void test('packets without output do not move the idle limit', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => {
      wire.success();
      every(50, wire, () => wire.ignore());
    },
  });
  const timeout = { ...run, type: 'SshIdleTimeout', limitMs: 600 } as const;
  await timesOut(targetOf(script), timeout, { deadlines: { idle: 600 } });
});

void test("sshd's keepalives do not move the idle limit", async (t) => {
  const sshd = await startSshd({ t, config: ['ClientAliveInterval 1'] });
  const timeout = { ...run, type: 'SshIdleTimeout', limitMs: 2_500 } as const;
  await timesOut(targetOf(sshd), timeout, { command: 'sleep 600', deadlines: { idle: 2_500 } });
});

void test('a quiet command lives through keepalives', async (t) => {
  const sshd = await startSshd({ t, config: ['ClientAliveInterval 1', 'ClientAliveCountMax 1'] });
  assert.equal((await exec(targetOf(sshd), 'sleep 4; echo done')).stdout, 'done\n');
});

void test('limits of more than 24.8 days are limits, not none and not zero', async (t) => {
  const sshd = await startSshd({ t });
  const days = 24 * 60 * 60 * 1_000;
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const deadlines = { run: 60 * days, idle: 30 * days };
  assert.equal((await exec(targetOf(sshd), 'sleep 0.5; echo done', { deadlines })).stdout, 'done\n');
  assert.deepEqual(warnings, []);
});
