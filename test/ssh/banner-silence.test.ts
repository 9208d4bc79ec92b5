import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { assertNothingLeft } from '../support/handles';
import { startSshd } from '../support/sshd';
import { fin, startTcpScript } from '../support/tcp-script';
import { exec, fails, targetOf, timesOut } from './support/engine';
import { repeat, startRawServer } from './support/raw-server';
import { reset } from '../support/reset';

const LIMIT = 700;
const deadlines = { banner: LIMIT };
const timeout = { type: 'SshBannerTimeout', stage: 'banner', limitMs: LIMIT } as const;

void test('a server that accepts and says nothing', async (t) => {
  const script = await startRawServer(t, () => undefined);
  await timesOut(targetOf(script), timeout, { deadlines });
  assert.match(script.received(0).toString(), /^SSH-2\.0-temporal-ssh\r\n$/);
});

void test('a frozen sshd', async (t) => {
  const sshd = await startSshd({ t });
  sshd.pause();
  await timesOut(targetOf(sshd), timeout, { deadlines });
});

void test('lines for ever do not move the deadline, and are told', async (t) => {
  const script = await startRawServer(t, (socket) => repeat(socket, 50, () => 'please wait\r\n'));
  await timesOut(targetOf(script), { ...timeout, serverText: /^please wait please wait/ }, { deadlines });
});

void test('a line for ever does not move the deadline', async (t) => {
  const script = await startRawServer(t, (socket) => repeat(socket, 20, () => 'z'));
  await timesOut(targetOf(script), { ...timeout, serverText: /^z+$/ }, { deadlines });
});

void test('an identification that is never finished', async (t) => {
  const script = await startRawServer(t, (socket) => void socket.write('SSH-2.0-OpenSSH_9.9'));
  await timesOut(targetOf(script), { ...timeout, serverText: /^SSH-2\.0-OpenSSH_9\.9$/ }, { deadlines });
});

void test('text that is cut in the middle of a character is still a slow server', async (t) => {
  const script = await startRawServer(t, (socket) => void socket.write(Buffer.from('welcome ü').subarray(0, -1)));
  await timesOut(targetOf(script), { ...timeout, serverText: /^welcome/ }, { deadlines });
});

void test('text in another encoding than UTF-8 is still a slow server', async (t) => {
  const script = await startRawServer(
    t,
    (socket) => void socket.write(Buffer.from('Bitte warten, für später\r\n', 'latin1'))
  );
  await timesOut(targetOf(script), { ...timeout, serverText: /^Bitte warten/ }, { deadlines });
});

void test('a busy text without an end of the connection', async (t) => {
  const script = await startRawServer(t, (socket) => void socket.write('Exceeded MaxStartups\r\n'));
  const expected = { type: 'SshServerBusy', stage: 'banner', limitMs: LIMIT, serverText: /MaxStartups/ } as const;
  await timesOut(targetOf(script), expected, { deadlines });
});

void test('a connection that ends before anything is said', async (t) => {
  const script = await startRawServer(t, fin);
  const error = await fails(targetOf(script), { type: 'SshBannerClosed', stage: 'banner' });
  assert.equal(error.details.serverText, undefined);
});

void test('a connection that is reset before anything is said', async (t) => {
  const script = await startRawServer(t, (socket) => void socket.once('data', () => reset(socket)));
  await fails(targetOf(script), { type: 'SshBannerClosed', stage: 'banner', message: /ECONNRESET|EPIPE/ });
});

void test('a server that never closes its side: ours is gone all the same', async (t) => {
  const script = await startTcpScript((socket) => void socket.write('SSH-1.5-old\n'), { t });
  const target = targetOf(script);
  await assert.rejects(exec(target), { type: 'SshVersionUnsupported' });
  const socket = await script.connection(0);
  if (!socket.readableEnded && !socket.destroyed) await once(socket, 'end');
});

void test('200 failures in a row leave nothing', async (t) => {
  const script = await startRawServer(t, fin);
  const target = targetOf(script);
  await assertNothingLeft(async () => {
    for (let round = 0; round < 200; round += 1) await assert.rejects(exec(target), { type: 'SshBannerClosed' });
  });
  assert.equal(script.sockets.length, 200);
});
