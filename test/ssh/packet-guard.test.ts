import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exec, fails, keyMethod, targetOf } from './support/engine';
import type { RunOptions } from './support/engine';
import { startRawServer } from './support/raw-server';
import { string, uint32 } from './support/packets';
import { startWireServer } from './support/wire-server';
import type { Wire, WireScript, WireServer } from './support/wire-server';

/* What a server can do to a client built on ssh2: each of these stopped, filled or misled the process once. */

const run = { stage: 'run', commandMayHaveRun: true, type: 'SshProtocolError' } as const;
const auth = { stage: 'auth', type: 'SshProtocolError' } as const;

const byte = (...values: number[]): Buffer => Buffer.from(values);

/** A channel confirmation (RFC 4254 section 5.1) for the first channel. */
function confirm(wire: Wire, { window = 2 ** 21, packet = 2 ** 15 } = {}): void {
  wire.raw(byte(91), uint32(0), uint32(0), uint32(window), uint32(packet));
}

async function breaks(
  script: WireServer,
  expected: Parameters<typeof fails>[1],
  options: RunOptions & { target?: Partial<Parameters<typeof targetOf>[1]> } = {}
): Promise<void> {
  await fails(targetOf(script, options.target), expected, options);
}

async function afterExec(
  t: Parameters<typeof startWireServer>[0],
  onExec: NonNullable<WireScript['onExec']>
): Promise<WireServer> {
  return startWireServer(t, { onExec });
}

void test('a channel for packets of no bytes is refused: there would be no end of sending them', async (t) => {
  for (const packet of [0, 1, 63]) {
    const script = await startWireServer(t, {
      onSession: (accept, wire) => {
        confirm(wire, { packet });
        accept();
      },
      onExec: (wire) => void wire.success(),
    });
    const expected = { stage: 'channel', type: 'SshProtocolError', message: /packets of \d+ bytes/ } as const;
    await breaks(script, expected, { request: { stdin: 'some' } });
  }
});

void test('data after the end of the data is no crash', async (t) => {
  for (const send of [(wire: Wire) => wire.stderr('late'), (wire: Wire) => wire.data('late')]) {
    const script = await afterExec(t, (wire) => void send(wire.success().eof()));
    await breaks(script, { ...run, message: /after the end of the data/ });
  }
  const known = await afterExec(t, (wire) => void wire.success().exitStatus(0).eof().stderr('late'));
  assert.equal((await exec(targetOf(known))).truncated, true, 'the status stays, and that something is missing');
});

void test('an error of a stream that nobody reads yet is no crash', async (t) => {
  // Before the answer to the exec request nobody listens to the channel.
  const script = await afterExec(t, (wire) => void wire.stderr('early').eof().close());
  await breaks(script, { ...run, stage: 'exec', type: 'SshExitStatusMissing' });
});

void test('data beyond the window is no success, and is not kept', async (t) => {
  const piece = Buffer.alloc(32_000, 'x');
  for (const send of ['data', 'stderr'] as const) {
    // The answer to the request is held back, so that nobody reads, and the window stays as it is.
    const script = await afterExec(t, (wire) => {
      for (let sent = 0; sent < 200; sent += 1) wire[send](piece);
      wire.success().exitStatus(0).close();
    });
    await breaks(script, { ...run, stage: 'exec', message: /more data than the window/ });
  }
});

void test('what only clients send, what was not asked for, and what comes too early', async (t) => {
  const wrong: readonly (readonly [RegExp, Buffer])[] = [
    [/message 50, which only clients/, Buffer.concat([byte(50), string('u'), string('s'), string('none')])],
    [/message 61, which only clients/, Buffer.concat([byte(61), uint32(0)])],
    [/accepted a service twice/, Buffer.concat([byte(6), string('ssh-userauth')])],
    [/message 80 before the login/, Buffer.concat([byte(80), string('x'), byte(1)])],
    [/message 90 before the login/, Buffer.concat([byte(90), string('x11'), uint32(0), uint32(0), uint32(0)])],
  ];
  for (const [message, payload] of wrong) {
    const script = await startWireServer(t, { onAuth: (_context, wire) => void wire.raw(payload) });
    await breaks(script, { ...auth, message });
  }
  // The second answer to one request.
  const twice = await startWireServer(t, {
    onAuth: (_context, wire) => {
      const refusal = Buffer.concat([byte(51), string('password'), byte(0)]);
      wire.raw(refusal).raw(refusal);
    },
  });
  await breaks(twice, { ...auth, type: ['SshAuthFailed', 'SshProtocolError'] });
  const late = await afterExec(t, (wire) => void wire.success().raw(byte(51), string('password'), byte(0)));
  const target = { auth: [keyMethod(late.clientKeyFile), { type: 'password', password: 'secret' } as const] };
  await breaks(late, { ...run, message: /message 51 after the login/ }, { target });
  assert.ok(!late.authMethods.includes('password'), 'no credential is offered after the login');
});

void test('an announcement of host keys costs nothing and is answered as unknown', async (t) => {
  // In the format of an old private key, which ssh2 reads in a time that grows with the square of its size.
  const key = string(`-----BEGIN RSA PRIVATE KEY-----\n${'a:a\n'.repeat(8_000)}`);
  const script = await afterExec(t, (wire) => {
    for (let sent = 0; sent < 50; sent += 1) wire.raw(byte(80), string('hostkeys-00@openssh.com'), byte(sent % 2), key);
    wire.success().exitStatus(0).close();
  });
  const begin = performance.now();
  assert.equal((await exec(targetOf(script))).exitCode, 0);
  // With ssh2's parser it is minutes.
  assert.ok(performance.now() - begin < 20_000);
  await script.received('Received REQUEST_FAILURE');
});

void test('a server that asks and reads no answer is left before the answers fill the memory', async (t) => {
  const script = await afterExec(t, (wire) => {
    wire.success();
    wire.socket.pause();
    const ask = (): void => {
      let room = true;
      for (let sent = 0; room && sent < 500; sent += 1) {
        wire.ping();
        room = !wire.socket.writableNeedDrain;
      }
      if (!wire.socket.destroyed) setImmediate(ask);
    };
    ask();
  });
  const before = process.memoryUsage().rss;
  await breaks(script, { ...run, message: /read no answer/ });
  assert.ok(process.memoryUsage().rss - before < 400e6);
});

void test('a server that asks often and reads the answers is served', async (t) => {
  const script = await afterExec(t, (wire) => {
    wire.success();
    for (let sent = 0; sent < 30_000; sent += 1) wire.ping();
    wire.exitStatus(0).close();
  });
  assert.equal((await exec(targetOf(script))).exitCode, 0);
});

void test('a disconnect is the end, also by request of the application, and nothing behind it counts', async (t) => {
  const script = await afterExec(t, (wire) => void wire.success().disconnect(11, 'Good bye').exitStatus(0).close());
  const expected = { ...run, type: 'SshConnectionLost', serverText: /^Good bye$/ } as const;
  await breaks(script, expected);
});

void test('nothing is offered that lets a server choose what its answer costs', async (t) => {
  const script = await startRawServer(t, (socket) => void socket.write('SSH-2.0-x\r\n'));
  const expected = { stage: 'kex', type: 'SshKexTimeout' } as const;
  await fails(targetOf(script), expected, { deadlines: { kex: 300 } });
  const offer = script.received(0).toString('latin1');
  assert.match(offer, /curve25519-sha256/);
  // A prime that Node tests for being one; a packet of a thousand times its size.
  assert.doesNotMatch(offer, /group-exchange|zlib/);
});

void test('a rekeying: with other algorithms, or with another host key, it is the end', async (t) => {
  const lists = Array.from({ length: 10 }, () => string('none'));
  const strange = await afterExec(t, (wire) => {
    wire.success().raw(byte(20), Buffer.alloc(16), ...lists, byte(0), uint32(0));
  });
  // No SshNoCommonAlgorithms, which is of the first key exchange and says that nothing was sent.
  await breaks(strange, { ...run, message: /no matching/ });

  const other = await startWireServer(t, {});
  for (const changed of [false, true]) {
    const script = await afterExec(t, (wire) => {
      wire.success().rekey(changed ? other.hostKeyFile : undefined, () => wire.exitStatus(0).close());
    });
    // Any key is trusted when it is asked about: what is new is kept only once, at the beginning.
    const hostKeys = { preferredAlgorithms: [], check: () => ({ trusted: true, by: 'accept-new' }) as const };
    if (changed) await breaks(script, run, { target: { hostKeys } });
    else assert.equal((await exec(targetOf(script, { hostKeys }))).exitCode, 0);
  }
});
