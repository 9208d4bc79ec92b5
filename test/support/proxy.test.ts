import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startProbe } from './probe';
import type { Probe } from './probe';
import { startProxy } from './proxy';
import type { FaultProxy, ProxyPlan } from './proxy';
import { startTcpScript } from './tcp-script';
import type { TcpScript } from './tcp-script';

interface Ground {
  readonly server: TcpScript;
  readonly proxy: FaultProxy;
  readonly probe: Probe;
}

async function echoing(t: TestContext): Promise<Ground> {
  const server = await startTcpScript((socket) => void socket.pipe(socket), { t });
  const proxy = await startProxy({ t, target: server });
  return { server, proxy, probe: await startProbe(t, proxy) };
}

async function exchange({ probe }: Ground, text: string): Promise<void> {
  const from = probe.text().length;
  probe.socket.write(text);
  while (probe.text().length < from + text.length) await once(probe.socket, 'data');
  assert.equal(probe.text().slice(from), text);
}

void test('forwards both ways, counts, and passes FIN on', async (t) => {
  const ground = await echoing(t);
  await exchange(ground, 'hello');
  await exchange(ground, 'x'.repeat(3_000_000));
  const { proxy, probe } = ground;
  assert.deepEqual([proxy.connections, proxy.bytesUp, proxy.bytesDown, proxy.open], [1, 3_000_005, 3_000_005, 1]);
  probe.socket.end();
  assert.equal(await probe.ended, 'fin');
});

void test('latency delays each direction', async (t) => {
  const ground = await echoing(t);
  ground.proxy.latencyMs = 150;
  const begin = performance.now();
  await exchange(ground, 'hello');
  assert.ok(performance.now() - begin >= 290);
});

void test('bandwidth limits each direction, and nothing is lost or turned round', async (t) => {
  const ground = await echoing(t);
  ground.proxy.bandwidth = 100_000;
  const begin = performance.now();
  await exchange(ground, Array.from({ length: 5_000 }, (_, index) => `${index}\n`.padStart(10)).join(''));
  // The first pieces of both directions go at once.
  assert.ok(performance.now() - begin >= 400, `${performance.now() - begin} ms`);
  ground.proxy.bandwidth = Infinity;
  await exchange(ground, 'x'.repeat(3_000_000));
});

void test("the server's first byte is late, what follows is not", async (t) => {
  const server = await startTcpScript((socket) => void socket.pipe(socket), { t });
  const proxy = await startProxy({ t, target: server });
  proxy.firstByteDelayMs = 300;
  const ground = { server, proxy, probe: await startProbe(t, proxy) };
  const begin = performance.now();
  await exchange(ground, 'hello');
  assert.ok(performance.now() - begin >= 290);
  proxy.firstByteDelayMs = 3_600_000;
  await exchange(ground, 'again');
});

void test('what is dropped arrives after restore, in order, and nobody is told meanwhile', async (t) => {
  const ground = await echoing(t);
  const { proxy, probe, server } = ground;
  await exchange(ground, 'a');
  proxy.drop();
  probe.socket.write('b');
  assert.equal(await new Promise((resolve) => setTimeout(() => resolve(probe.text()), 300)), 'a');
  assert.equal(server.received(0).toString(), 'a');
  probe.socket.write('c');
  proxy.restore();
  while (probe.text().length < 3) await once(probe.socket, 'data');
  assert.equal(probe.text(), 'abc');
});

void test('drops after so many bytes', async (t) => {
  const ground = await echoing(t);
  ground.proxy.dropAfterBytesUp(3);
  ground.probe.socket.write('abc');
  await ground.server.waitForBytes(0, (all) => all.length === 3);
  ground.probe.socket.write('d');
  assert.equal(await new Promise((resolve) => setTimeout(() => resolve(ground.probe.text()), 300)), '');
  assert.equal(ground.server.received(0).toString(), 'abc');
});

for (const how of ['fin', 'rst'] as const) {
  void test(`${how} ends both sides that way`, async (t) => {
    const ground = await echoing(t);
    await exchange(ground, 'a');
    const upstream = await ground.server.connection(0);
    const told = new Promise((resolve) => {
      upstream.once('end', () => resolve('fin'));
      upstream.once('error', () => resolve('rst'));
    });
    ground.proxy[how]();
    assert.equal(await ground.probe.ended, how);
    assert.equal(await told, how);
  });
}

void test('plans each connection', async (t) => {
  const server = await startTcpScript(() => undefined, { t });
  const plans: readonly ProxyPlan[] = ['fin', 'rst', { text: 'busy\r\n' }, 'silent'];
  const proxy = await startProxy({ t, target: server, plan: (index) => plans[index] ?? 'forward' });
  assert.equal(await (await startProbe(t, proxy)).ended, 'fin');
  assert.equal(await (await startProbe(t, proxy)).ended, 'rst');
  const busy = await startProbe(t, proxy);
  assert.equal(await busy.ended, 'fin');
  assert.equal(busy.text(), 'busy\r\n');
  const silent = await startProbe(t, proxy);
  assert.equal(await silent.saysSomethingWithin(200), false);
  assert.equal(server.sockets.length, 0);
});
