import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fails, targetOf } from './support/engine';
import type { ExpectedFailure } from './support/engine';
import { startWireServer } from './support/wire-server';
import type { Wire, WireScript } from './support/wire-server';

/* Servers that never stop talking: the deadline ends them, and what they said is not kept. */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is in use once everything that can go is gone. */
function memoryInUse(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// Most floods are several times that, and would be without end.
const MOST_BYTES = 40e6;
const FLOOD_MS = 1_000;

const uint32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
const text = (value: string): Buffer => Buffer.concat([uint32(Buffer.byteLength(value)), Buffer.from(value)]);
const LONG = 'x'.repeat(30_000);

/** Sends a payload as fast as it is taken, until the connection is gone; counts the bytes. */
function flood(wire: Wire, sent: { bytes: number }, ...payload: readonly Buffer[]): void {
  const { socket } = wire;
  const size = Buffer.concat(payload).length;
  const more = (): void => {
    for (let turn = 0; turn < 200 && !socket.writableNeedDrain; turn += 1) {
      wire.raw(...payload);
      sent.bytes += size;
    }
    if (!socket.destroyed) setImmediate(more);
  };
  more();
}

interface Flood {
  readonly name: string;
  readonly payload: readonly Buffer[];
  readonly during: 'auth' | 'run';
  /** The step of a flood that is a breach of the protocol ends before the deadline. @default the deadline */
  readonly type?: ExpectedFailure['type'];
}

const channel = uint32(0);
const FLOODS: readonly Flood[] = [
  { name: 'banners', during: 'auth', payload: [Buffer.from([53]), text(LONG), text('')] },
  { name: 'IGNORE', during: 'auth', payload: [Buffer.from([2]), text(LONG)] },
  {
    name: 'requests that only clients make',
    during: 'auth',
    payload: [Buffer.from([50]), text('u'), text('s'), text(LONG)],
    type: 'SshProtocolError',
  },
  { name: 'DEBUG', during: 'run', payload: [Buffer.from([4, 1]), text(LONG), text('')] },
  { name: 'stderr', during: 'run', payload: [Buffer.from([95]), channel, uint32(1), text(LONG)] },
  { name: 'stdout', during: 'run', payload: [Buffer.from([94]), channel, text(LONG)] },
  {
    name: 'extended data of no known kind',
    during: 'run',
    payload: [Buffer.from([95]), channel, uint32(7), text(LONG)],
  },
  { name: 'channels', during: 'run', payload: [Buffer.from([90]), text(LONG), uint32(1), uint32(9), uint32(9)] },
  { name: 'global requests', during: 'run', payload: [Buffer.from([80]), text(LONG), Buffer.from([1])] },
  {
    name: 'announced host keys',
    during: 'run',
    payload: [Buffer.from([80]), text('hostkeys-00@openssh.com'), Buffer.from([0]), text(LONG)],
  },
  { name: 'window', during: 'run', payload: [Buffer.from([93]), channel, uint32(0xffffffff)] },
  { name: 'unknown messages', during: 'run', payload: [Buffer.from([200]), text(LONG)] },
  { name: 'empty packets', during: 'run', payload: [] },
];

for (const { name, payload, during, type } of FLOODS) {
  void test(`a flood of ${name}: ended in time, and not kept`, async (t) => {
    const sent = { bytes: 0 };
    const script: WireScript =
      during === 'auth'
        ? { onAuth: (_context, wire) => flood(wire, sent, ...payload) }
        : { onExec: (wire) => flood(wire.success(), sent, ...payload) };
    const server = await startWireServer(t, script);
    const deadline = during === 'auth' ? 'SshAuthTimeout' : 'SshRunTimeout';
    const expected = { type: type ?? deadline, stage: during, commandMayHaveRun: during === 'run' } as const;
    const before = memoryInUse();
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, memoryInUse() - before)), 200).unref();
    const error = await fails(targetOf(server), expected, { deadlines: { [during]: FLOOD_MS } });
    clearInterval(watch);
    assert.ok(most < MOST_BYTES, `${Math.round(most / 1e6)} MB are kept of ${Math.round(sent.bytes / 1e6)} MB`);
    assert.ok(error.details.elapsedMs < FLOOD_MS + 10_000);
    for (const said of Object.values(error.details)) assert.ok(typeof said !== 'string' || said.length <= 2_048);
    t.diagnostic(`${Math.round(sent.bytes / 1e6)} MB sent, at most ${Math.round(most / 1e6)} MB kept`);
  });
}

void test('an exit signal with a book in it', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => {
      const signal = [Buffer.from([98]), channel, text('exit-signal'), Buffer.from([0]), text('A\r\nB'.repeat(2_000))];
      wire
        .success()
        .raw(...signal, Buffer.from([0]), text('C\u2028D'.repeat(4_000)), text(''))
        .close();
    },
  });
  const error = await fails(targetOf(script), { type: 'SshExitSignal', stage: 'run', commandMayHaveRun: true });
  assert.ok((error.details.signal ?? '').length <= 32);
});
