import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNothingLeft } from '../support/handles';
import { descendantsOf, signalProcess } from '../support/processes';
import { startProxy } from '../support/proxy';
import { startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { checkFailure, exec, fails, targetOf } from './support/engine';
import { startWireServer } from './support/wire-server';
import { reset } from '../support/reset';

const run = { stage: 'run', commandMayHaveRun: true } as const;

void test('the session of sshd is killed while the command runs', async (t) => {
  const sshd = await startSshd({ t });
  const onOutput = (): void => {
    for (const child of descendantsOf(sshd.pid)) if (child.name.startsWith('sshd')) signalProcess(child, 'SIGKILL');
  };
  const expected = { ...run, type: 'SshConnectionLost' } as const;
  const error = await fails(targetOf(sshd), expected, { command: 'echo begun; sleep 600', onOutput });
  assert.equal(error.details.stdoutTail, 'begun');
});

void test('a middlebox resets, or ends, the connection while the command runs', async (t) => {
  const sshd = await startSshd({ t });
  const proxy = await startProxy({ t, target: sshd });
  const target = targetOf({ ...sshd, port: proxy.port });
  for (const how of ['rst', 'fin'] as const) {
    const expected = { ...run, type: 'SshConnectionLost' } as const;
    await fails(target, expected, { command: 'echo begun; sleep 600', onOutput: () => proxy[how]() });
  }
});

void test('nothing passes any more: only the idle limit tells', async (t) => {
  const sshd = await startSshd({ t });
  const proxy = await startProxy({ t, target: sshd });
  const target = targetOf({ ...sshd, port: proxy.port });
  const idle = { ...run, type: 'SshIdleTimeout', message: /no output from the command/ } as const;
  const startedAt = performance.now();
  const error = await assertNothingLeft(async () => {
    const reason: unknown = await exec(target, 'echo begun; sleep 600', {
      onOutput: () => proxy.drop(),
      deadlines: { idle: 700 },
    }).catch((caught: unknown) => caught);
    // Only now: until then nobody in between may learn of an end.
    proxy.restore();
    return reason;
  });
  const { details } = checkFailure(error, target, idle);
  assert.equal(details.limitMs, 700);
  assert.ok(performance.now() - startedAt < 15_000);
});

void test('FIN and RST while the command runs, without output', async (t) => {
  for (const how of ['fin', 'rst'] as const) {
    const script = await startSshScript({ t, fault: { stage: 'run', how } });
    await fails(targetOf(script), { ...run, type: 'SshConnectionLost' });
  }
});

void test('the server disconnects while the command runs', async (t) => {
  // 3, 8 and 12 mean something else before a command runs, and nothing else now.
  for (const reason of [2, 3, 8, 12]) {
    const script = await startWireServer(t, {
      onExec: (wire) => void wire.success().data('begun\n').disconnect(reason, 'Timeout, your session not responding'),
    });
    const error = await fails(targetOf(script), { ...run, type: 'SshConnectionLost', serverText: /^Timeout, your/ });
    assert.equal(error.details.stdoutTail, 'begun');
  }
});

void test('a packet that is damaged ends the step at once', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => {
      wire.success();
      wire.socket.write(Buffer.alloc(200, 7));
    },
  });
  await fails(targetOf(script), { ...run, type: 'SshProtocolError' });
});

void test('a status that was received outlives the connection', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => {
      wire.success().exitStatus(4);
      wire.socket.write('', () => setTimeout(() => reset(wire.socket), 50));
    },
  });
  const error = await fails(targetOf(script), { ...run, type: 'SshExitStatus' });
  assert.equal(error.details.exitCode, 4);
});
