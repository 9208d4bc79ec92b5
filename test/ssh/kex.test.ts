import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSshScript } from '../support/ssh-script';
import type { SshFault } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { fails, targetOf, timesOut } from './support/engine';
import { disconnect, packet, string } from './support/packets';
import { repeat, startRawServer } from './support/raw-server';
import { startRewritingFront } from './support/rewriting-front';

const kex = { stage: 'kex' } as const;
const IDENT = 'SSH-2.0-scripted\r\n';

function fault(how: SshFault['how']): { readonly fault: SshFault } {
  return { fault: { stage: 'kex', how } };
}

void test('silence after KEXINIT', async (t) => {
  const script = await startSshScript({ t, ...fault('silence') });
  const expected = { ...kex, type: 'SshKexTimeout', limitMs: 700 } as const;
  await timesOut(targetOf(script), expected, { deadlines: { kex: 700 } });
  assert.deepEqual(script.authMethods, []);
});

void test('silence after the identification', async (t) => {
  const script = await startRawServer(t, (socket) => void socket.write(IDENT));
  await timesOut(targetOf(script), { ...kex, type: 'SshKexTimeout', limitMs: 500 }, { deadlines: { kex: 500 } });
});

void test('packets without a meaning do not move the deadline', async (t) => {
  const ignore = packet(Buffer.concat([Buffer.from([2]), string('noise')]));
  const script = await startRawServer(t, (socket) => {
    socket.write(IDENT);
    return repeat(socket, 50, () => ignore);
  });
  await timesOut(targetOf(script), { ...kex, type: 'SshKexTimeout', limitMs: 600 }, { deadlines: { kex: 600 } });
});

void test('FIN and RST in the key exchange', async (t) => {
  for (const how of ['fin', 'rst'] as const) {
    const script = await startSshScript({ t, ...fault(how) });
    await fails(targetOf(script), { ...kex, type: 'SshConnectionLost', message: /connection/ });
  }
});

void test('FIN together with the identification', async (t) => {
  const script = await startRawServer(t, (socket) => void socket.end(IDENT));
  await fails(targetOf(script), { ...kex, type: 'SshConnectionLost' });
});

void test('packets that are none', async (t) => {
  const script = await startRawServer(
    t,
    (socket) => void socket.write(`${IDENT}\xff\xff\xff\xff\xff\xff\xff\xff`, 'latin1')
  );
  await fails(targetOf(script), { ...kex, type: 'SshProtocolError', message: /broke the protocol/ });
});

void test('a login before the key exchange is none', async (t) => {
  const script = await startRawServer(t, (socket) => {
    socket.write(IDENT);
    socket.write(packet(Buffer.from([52])));
  });
  await fails(targetOf(script), { ...kex, type: 'SshProtocolError' });
});

void test('the server disconnects with a reason', async (t) => {
  const reasons = [
    [12, 'Too many connections', 'SshServerBusy'],
    [2, 'Not allowed at this time', 'SshServerPenalty'],
    [8, 'Version not supported', 'SshVersionUnsupported'],
    [3, 'Key exchange failed', 'SshNoCommonAlgorithms'],
    [7, 'Service not available', 'SshDisconnected'],
  ] as const;
  for (const [reason, text, type] of reasons) {
    const script = await startRawServer(
      t,
      (socket) => void socket.end(Buffer.concat([Buffer.from(IDENT), disconnect(reason, text)]))
    );
    await fails(targetOf(script), { ...kex, type, serverText: new RegExp(`^${text}$`) });
  }
});

void test('a reason of 30 kB with escape codes is cleaned and cut', async (t) => {
  const text = `\x1b[31mred\r\n${'R'.repeat(30_000)}`;
  const script = await startRawServer(
    t,
    (socket) => void socket.end(Buffer.concat([Buffer.from(IDENT), disconnect(2, text)]))
  );
  const error = await fails(targetOf(script), { ...kex, type: 'SshDisconnected', serverText: /^red R+\.\.\.$/ });
  assert.equal(error.details.serverText?.length, 1_024);
  const { cause } = error as { cause?: unknown };
  assert.ok(cause instanceof Error);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(`${cause.message}${cause.stack?.split('\n    at ')[0]}`, /[\x1b\r]/);
  assert.ok(cause.message.length < 2_000);
});

void test('no algorithm in common', async (t) => {
  const configs = [
    ['KexAlgorithms diffie-hellman-group1-sha1', /key exchange/i],
    ['MACs hmac-sha1-96', /MAC|cipher/i],
    ['Ciphers 3des-cbc', /cipher/i],
  ] as const;
  for (const [line, message] of configs) {
    const config = line.startsWith('MACs') ? [line, 'Ciphers aes128-ctr'] : [line];
    const sshd = await startSshd({ t, config });
    await fails(targetOf(sshd), { ...kex, type: 'SshNoCommonAlgorithms', message });
  }
});

void test('a host key that the server cannot prove to own', async (t) => {
  const script = await startSshScript({ t });
  // The signature covers both identifications, so that a changed one makes it wrong.
  const front = await startRewritingFront(t, script, (bytes, write, done) => {
    write(Buffer.from(bytes.toString('latin1').replace('ssh2js', 'ssh3js'), 'latin1'));
    done();
  });
  await fails(targetOf({ ...script, port: front.port }), { ...kex, type: 'SshHostKeySignatureInvalid' });
  assert.deepEqual(script.authMethods, []);
});
