import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { assertNothingLeft } from './handles';
import { startTcpScript } from './tcp-script';

void test('names the sockets and timers that something leaves', async (t) => {
  const script = await startTcpScript(() => undefined, { t });
  const socket = connect(script.port, script.address);
  t.after(() => socket.destroy());
  await script.connection(0);
  await assert.rejects(
    assertNothingLeft(
      async () => {
        const left = connect(script.port, script.address);
        t.after(() => left.destroy());
        await script.connection(1);
      },
      { withinMs: 100 }
    ),
    new RegExp(`left behind: 2 TCPSocketWrap\\n[^]*-> ${script.port}`)
  );
  let timer: NodeJS.Timeout | undefined;
  t.after(() => clearTimeout(timer));
  await assert.rejects(
    assertNothingLeft(
      async () => {
        timer = setTimeout(() => undefined, 60_000);
      },
      { withinMs: 100 }
    ),
    /left behind: 1 Timeout/
  );
});

void test('accepts what has gone or goes in time', async (t) => {
  const value = await assertNothingLeft(async () => {
    const script = await startTcpScript(() => undefined, { t });
    const socket = connect(script.port, script.address);
    await once(socket, 'connect');
    setTimeout(() => void script.stop(), 200);
    return 7;
  });
  assert.equal(value, 7);
});
