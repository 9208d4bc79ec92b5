import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startFullBacklog } from './full-backlog';
import { startProbe } from './probe';
import { fin, send, startTcpScript } from './tcp-script';
import { reset } from './reset';

void test('scripts each connection by its index: text and FIN, RST, silence', async (t) => {
  const script = await startTcpScript(
    (socket, index) => {
      if (index === 0) void send(socket, 'go away\r\n').then(() => fin(socket));
      if (index === 1) reset(socket);
    },
    { t }
  );
  const first = await startProbe(t, script);
  assert.equal(await first.ended, 'fin');
  assert.equal(first.text(), 'go away\r\n');
  assert.equal(await (await startProbe(t, script)).ended, 'rst');

  const silent = await startProbe(t, script);
  silent.socket.write('SSH-2.0-x\r\n');
  const got = await script.waitForBytes(2, (all) => all.includes('\n'));
  assert.equal(got.toString(), 'SSH-2.0-x\r\n');
  assert.equal(silent.text(), '');
});

void test('stop ends all connections and frees the port', async (t) => {
  const script = await startTcpScript();
  const probe = await startProbe(t, script);
  await script.connection(0);
  await script.stop();
  await probe.ended;
  const [error] = (await once(connect(script.port, script.address), 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
});

void test('a full backlog neither accepts nor refuses', async (t) => {
  const full = await startFullBacklog({ t });
  const socket = connect(full.port, full.address);
  t.after(() => socket.destroy());
  const outcome = await new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('connected'));
    socket.once('error', (error) => resolve(error.message));
    setTimeout(() => resolve('waiting'), 1_500);
  });
  assert.equal(outcome, 'waiting');
});
