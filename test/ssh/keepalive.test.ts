import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { Client } from 'ssh2';
import { dial } from '../../ssh/dial';
import { startKeepalive } from '../../ssh/keepalive';
import { runExec } from '../../ssh/run-exec';
import { StageClock } from '../../ssh/stage-clock';
import { startProxy } from '../support/proxy';
import { startSshd } from '../support/sshd';
import { PATIENT, request, targetOf } from './support/engine';

/** The part of ssh2's client that is used, and what was sent on it. */
function pingable(): { readonly client: Client; readonly pings: () => number } {
  let pings = 0;
  const parts = { _callbacks: [], _protocol: { ping: () => (pings += 1) } };
  return { client: parts as unknown as Client, pings: () => pings };
}

describe('keepalive', () => {
  it('asks a silent peer as often as allowed, then takes it for dead', async () => {
    const { client, pings } = pingable();
    const stream = new PassThrough();
    await new Promise<void>((resolve) => {
      const alive = setInterval(() => undefined, 1_000);
      const stop = startKeepalive(client, stream, {
        intervalMs: 5,
        countMax: 3,
        trace: { inboundPackets: 7 },
        onDead: () => {
          clearInterval(alive);
          stop();
          resolve();
        },
      });
    });
    assert.equal(pings(), 3);
  });

  it('takes every packet for a sign of life, and does not ask while they come', async () => {
    const { client, pings } = pingable();
    const stream = new PassThrough();
    let looks = 0;
    await new Promise<void>((resolve, reject) => {
      const alive = setInterval(() => undefined, 1_000);
      const done = (settle: () => void): void => {
        clearInterval(alive);
        stream.destroy();
        settle();
      };
      startKeepalive(client, stream, {
        intervalMs: 2,
        countMax: 1,
        trace: {
          get inboundPackets() {
            looks += 1;
            if (looks === 20) done(resolve);
            return looks;
          },
        },
        onDead: () => done(() => reject(new Error('taken for dead'))),
      });
    });
    assert.equal(pings(), 0);
  });

  it('has the limits of the host: a server that has stopped is found by them, or never', async (t) => {
    const sshd = await startSshd({ t });
    const proxy = await startProxy({ t, target: sshd });
    const server = { ...sshd, port: proxy.port };
    const target = targetOf(server, { keepalive: { intervalMs: 50, countMax: 2 } });
    const dead = await dial(target, { deadlines: PATIENT });
    const alive = await dial(targetOf(server, { keepalive: { intervalMs: 0, countMax: 1 } }), { deadlines: PATIENT });
    proxy.drop();
    await new Promise<void>((resolve) => dead.onLost(() => resolve()));
    assert.equal(alive.lost, false);
    await alive.close();
  });

  it('counts packets that come through a jump host', async (t) => {
    const [bastion, web] = [await startSshd({ t }), await startSshd({ t })];
    const target = targetOf(web, { via: targetOf(bastion, { name: 'bastion' }) });
    const connection = await dial(target, { deadlines: PATIENT });
    const before = connection.trace.inboundPackets;
    const clock = new StageClock(target, PATIENT);
    await runExec(connection, request('echo x'), { clock, signal: undefined, attempt: 1, reused: false });
    assert.ok(connection.trace.inboundPackets > before + 3);
    await connection.close();
  });
});
