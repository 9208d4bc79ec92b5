import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthContext } from 'ssh2';
import { startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { fails, targetOf, timesOut } from './support/engine';
import { startWireServer } from './support/wire-server';
import type { Wire } from './support/wire-server';

const channel = { stage: 'channel' } as const;

/** Lets a user in, and does something else in the same segment. */
function login(context: AuthContext, wire: Wire, then: () => unknown): void {
  // The first request only asks whether the key would do.
  if (context.method === 'publickey' && context.signature === undefined) return context.accept();
  wire.socket.cork();
  context.accept();
  then();
  process.nextTick(() => wire.socket.uncork());
}

void test('no answer to the channel open', async (t) => {
  const script = await startSshScript({ t, fault: { stage: 'channel', how: 'silence' } });
  const timeout = { ...channel, type: 'SshChannelTimeout', limitMs: 600 } as const;
  await timesOut(targetOf(script), timeout, { deadlines: { channel: 600 } });
  assert.equal(script.sessions, 1);
});

void test('the channel is refused, by reason', async (t) => {
  const reasons = [
    [1, 'SshChannelRefused'],
    [2, 'SshChannelOpenFailed'],
    [3, 'SshChannelRefused'],
    [4, 'SshChannelResourceShortage'],
  ] as const;
  for (const [reason, type] of reasons) {
    const script = await startWireServer(t, { onSession: (_accept, wire) => void wire.openFailure(reason, 'no room') });
    await fails(targetOf(script), { ...channel, type, serverText: /^no room$/ });
    assert.deepEqual(script.commands, []);
  }
});

void test('what a refusal says is cleaned and cut', async (t) => {
  const text = `\x1b[31mgo\r\n2026-01-01 INFO fine\0${'x'.repeat(5_000)}`;
  for (const reason of [1, 2, 4]) {
    const script = await startWireServer(t, { onSession: (_accept, wire) => void wire.openFailure(reason, text) });
    const expected = { ...channel, serverText: /^go 2026-01-01 INFO fine x+\.\.\.$/ };
    const types = ['SshChannelRefused', 'SshChannelOpenFailed', 'SshChannelResourceShortage'] as const;
    await fails(targetOf(script), { ...expected, type: types });
  }
});

void test('sshd without sessions: MaxSessions 0', async (t) => {
  const sshd = await startSshd({ t, config: ['MaxSessions 0'] });
  await fails(targetOf(sshd), { ...channel, type: ['SshChannelOpenFailed', 'SshChannelRefused'] });
});

void test('FIN and RST instead of an answer', async (t) => {
  for (const how of ['fin', 'rst'] as const) {
    const script = await startSshScript({ t, fault: { stage: 'channel', how } });
    await fails(targetOf(script), { ...channel, type: 'SshConnectionLost' });
    assert.deepEqual(script.commands, []);
  }
});

void test('the server disconnects instead of an answer', async (t) => {
  for (const [reason, text] of [
    [2, 'Internal error'],
    [3, 'Key exchange failed'],
    [8, 'Version not supported'],
  ] as const) {
    const script = await startWireServer(t, { onSession: (_accept, wire) => void wire.disconnect(reason, text) });
    const expected = { ...channel, type: 'SshConnectionLost', serverText: new RegExp(`^${text}$`) } as const;
    await fails(targetOf(script), expected);
  }
  // Nothing was sent yet, so that the reason still tells what to do.
  const busy = await startWireServer(t, { onSession: (_accept, wire) => void wire.disconnect(12, 'too many') });
  await fails(targetOf(busy), { ...channel, type: 'SshServerBusy', serverText: /^too many$/ });
});

void test('the server goes with the login, in the same segment', async (t) => {
  const script = await startWireServer(t, {
    onAuth: (context, wire) => {
      login(context, wire, () => wire.disconnect(2, 'changed my mind'));
    },
  });
  const expected = { ...channel, type: 'SshConnectionLost', serverText: /changed my mind/ } as const;
  await fails(targetOf(script), expected);
});

void test('the server goes with the login by its own wish, in the same segment', async (t) => {
  const script = await startWireServer(t, {
    onAuth: (context, wire) => {
      login(context, wire, () => wire.disconnect(11, 'bye'));
    },
  });
  await fails(targetOf(script), { ...channel, type: 'SshConnectionLost' });
});

void test('a channel that is closed at once', async (t) => {
  const script = await startWireServer(t, {
    onSession: (accept, wire) => {
      wire.socket.cork();
      accept();
      wire.close();
      process.nextTick(() => wire.socket.uncork());
    },
  });
  // The exec request has gone out by then: nobody can tell whether it was read before.
  await fails(targetOf(script), { stage: 'exec', type: 'SshExitStatusMissing', commandMayHaveRun: true });
});
