import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { exec, fails, targetOf, timesOut } from './support/engine';
import { startWireServer } from './support/wire-server';

const stage = { stage: 'exec' } as const;
const ran = { ...stage, commandMayHaveRun: true } as const;

void test('the command is refused: it did not run', async (t) => {
  const script = await startSshScript({ t, onExec: (call) => call.reject() });
  await fails(targetOf(script), { ...stage, type: 'SshExecRefused', commandMayHaveRun: false });
  assert.deepEqual(script.commands, ['work']);
});

void test('the pseudo-terminal is refused: the command is not sent', async (t) => {
  const script = await startSshScript({ t, onPty: (_accept, reject) => reject() });
  const pty = { request: { pty: true } };
  await fails(targetOf(script), { ...stage, type: 'SshPtyRefused', commandMayHaveRun: false }, pty);
  assert.deepEqual(script.commands, []);
});

void test('OpenSSH refuses the pseudo-terminal, and gives one', async (t) => {
  const refusing = await startSshd({ t, config: ['PermitTTY no'] });
  const pty = { request: { pty: true } };
  await fails(targetOf(refusing), { ...stage, type: 'SshPtyRefused' }, pty);
  const sshd = await startSshd({ t });
  const { stdout } = await exec(targetOf(sshd), 'tty && echo yes', pty);
  assert.match(stdout, /^\/dev\/pts\/\d+\r\nyes\r\n$/);
  const plain = await exec(targetOf(sshd), 'tty', { request: { okExitCodes: [1] } });
  assert.equal(plain.stdout, 'not a tty\n');
});

void test('no answer to the pty request: the command was not sent', async (t) => {
  const script = await startWireServer(t, { onPty: () => undefined });
  const timeout = { ...stage, type: 'SshExecTimeout', limitMs: 600, commandMayHaveRun: false } as const;
  await timesOut(targetOf(script), timeout, { deadlines: { exec: 600 }, request: { pty: true } });
  assert.deepEqual(script.commands, []);
});

void test('the channel is closed instead of an answer to the pty request', async (t) => {
  const script = await startWireServer(t, { onPty: (wire) => void wire.close() });
  const expected = { ...stage, type: 'SshChannelOpenFailed', commandMayHaveRun: false } as const;
  await fails(targetOf(script), expected, { request: { pty: true } });
  assert.deepEqual(script.commands, []);
});

void test('no answer to the exec request: the command may run', async (t) => {
  const script = await startSshScript({ t, fault: { stage: 'exec', how: 'silence' } });
  let sent = 0;
  const timeout = { ...ran, type: 'SshExecTimeout', limitMs: 600 } as const;
  await timesOut(targetOf(script), timeout, { deadlines: { exec: 600 }, onSent: () => (sent += 1) });
  assert.equal(sent, 1);
});

void test('FIN and RST instead of an answer: the command may have run', async (t) => {
  for (const how of ['fin', 'rst'] as const) {
    const script = await startSshScript({ t, fault: { stage: 'exec', how } });
    await fails(targetOf(script), { ...ran, type: 'SshConnectionLost' });
    assert.deepEqual(script.commands, ['work']);
  }
});

void test('the server disconnects instead of an answer', async (t) => {
  for (const [reason, text] of [
    [2, 'Internal error'],
    [12, 'Too many connections'],
    [3, 'Key exchange failed'],
    [8, 'Version not supported'],
  ] as const) {
    const script = await startWireServer(t, { onExec: (wire) => void wire.disconnect(reason, text) });
    await fails(targetOf(script), { ...ran, type: 'SshConnectionLost', serverText: new RegExp(`^${text}$`) });
  }
});

void test('the channel is closed instead of an answer', async (t) => {
  const script = await startWireServer(t, { onExec: (wire) => void wire.close() });
  await fails(targetOf(script), { ...ran, type: 'SshExitStatusMissing' });
});

void test('a server that cannot fork refuses, and nothing ran', async (t) => {
  const script = await startWireServer(t, { onExec: (wire) => void wire.failure().close() });
  await fails(targetOf(script), { ...stage, type: 'SshExecRefused', commandMayHaveRun: false });
});

void test('output and end before the answer count', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => void wire.data('early\n').stderr('warning\n').exitStatus(0).success().eof().close(),
  });
  const result = await exec(targetOf(script));
  assert.deepEqual([result.exitCode, result.stdout, result.stderr], [0, 'early\n', 'warning\n']);
});

void test('an end without an answer to the request is not taken for a success', async (t) => {
  const script = await startWireServer(t, { onExec: (wire) => void wire.data('lost\n').exitStatus(0).eof().close() });
  await fails(targetOf(script), { ...ran, type: 'SshExitStatusMissing' });
});

void test('the request is told to have been sent before anything can come of it', async (t) => {
  const order: string[] = [];
  const script = await startWireServer(t, {
    onExec: (wire) => {
      order.push('received');
      wire.success().exitStatus(0).eof().close();
    },
  });
  await exec(targetOf(script), 'work', { onSent: () => order.push('sent') });
  assert.deepEqual(order, ['sent', 'received']);
});
