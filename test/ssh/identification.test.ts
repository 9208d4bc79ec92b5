import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Server } from 'ssh2';
import { assertNothingLeft } from '../support/handles';
import { exit, startSshScript } from '../support/ssh-script';
import { exec, targetOf } from './support/engine';
import { startRewritingFront } from './support/rewriting-front';
import type { FirstBytes } from './support/rewriting-front';

/** Runs a command on a server whose first bytes come in another way; returns how many there were. */
async function succeeds(t: TestContext, first: FirstBytes, greeting = ''): Promise<Buffer> {
  const script = await startSshScript({ t, ...(greeting && { server: { greeting } }) });
  let seen: Buffer = Buffer.alloc(0);
  const front = await startRewritingFront(t, script, (bytes, write, done) => {
    seen = bytes;
    first(bytes, write, done);
  });
  const target = targetOf({ ...script, port: front.port });
  const result = await assertNothingLeft(() => exec(target));
  assert.equal(result.exitCode, 0);
  assert.equal(result.hostKeyFingerprint, script.hostFingerprint);
  assert.deepEqual(script.commands, ['work']);
  assert.match(seen.toString('latin1'), /^SSH-2\.0-ssh2js/m);
  return seen;
}

/** Pieces with a pause after each, so that each has a segment of its own. */
function inPieces(pieces: readonly Buffer[], write: (piece: Buffer) => void, done: () => void, gapMs: number): void {
  const [first, ...rest] = pieces;
  if (first === undefined) return done();
  write(first);
  setTimeout(() => inPieces(rest, write, done, gapMs), gapMs);
}

const lineEnd = (bytes: Buffer): number => bytes.indexOf('\n', bytes.lastIndexOf('SSH-2.0-ssh2js')) + 1;

for (const parts of [2, 3, 5]) {
  void test(`the identification in ${parts} segments`, async (t) => {
    await succeeds(t, (bytes, write, done) => {
      const end = lineEnd(bytes);
      const cuts = Array.from({ length: parts + 1 }, (_, index) => Math.floor((index * end) / parts));
      const pieces = cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut));
      inPieces([...pieces, bytes.subarray(end)], write, done, 10);
    });
  });
}

void test('the identification byte by byte, after lines of text', async (t) => {
  const greeting = 'welcome\r\nthis is SSH-2.0-nothing\r\n\r\n220 mail SMTP';
  await succeeds(
    t,
    (bytes, write, done) => {
      const end = lineEnd(bytes);
      const single = Array.from(bytes.subarray(0, end), (byte) => Buffer.from([byte]));
      inPieces([...single, bytes.subarray(end)], write, done, 2);
    },
    greeting
  );
});

void test('CR and LF in different segments', async (t) => {
  await succeeds(t, (bytes, write, done) => {
    const end = lineEnd(bytes) - 1;
    inPieces([bytes.subarray(0, end), bytes.subarray(end)], write, done, 20);
  });
});

void test('text, identification and KEXINIT in one segment', async (t) => {
  const first: FirstBytes = (bytes, write, done) => {
    write(bytes);
    done();
  };
  const bytes = await succeeds(t, first, 'Exceeded MaxStartups\r\nHTTP/1.1 200 OK');
  // RFC 4253 section 6: four bytes of length, one of padding, then the message, 20 for KEXINIT.
  assert.equal(bytes[lineEnd(bytes) + 5], 20);
});

void test('SSH-1.99 means 2.0', async (t) => {
  const { hostKey, hostFingerprint, clientKeyFile } = await startSshScript({ t });
  const ident = 'SSH-1.99-both';
  const listener = createServer((socket) => {
    const server = new Server({ hostKeys: [readFileSync(hostKey.file)] }, (connection) => {
      connection.on('error', () => undefined);
      // What the server believes to have sent is part of what it signs.
      (connection as unknown as { _protocol: { _identRaw: Buffer } })._protocol._identRaw = Buffer.from(ident);
      connection.on('authentication', (context) => context.accept());
      connection.on('session', (accept) => accept().on('exec', (take) => exit(take(), 0)));
    });
    server.injectSocket(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => listener.close());
  const { port } = listener.address() as AddressInfo;
  const front = await startRewritingFront(t, { address: '127.0.0.1', port }, (bytes, write, done) => {
    write(Buffer.from(bytes.toString('latin1').replace(/^SSH-2\.0-[^\r]*/, ident), 'latin1'));
    done();
  });
  const identifications: string[] = [];
  const target = targetOf({ address: '127.0.0.1', port: front.port, clientKeyFile, hostFingerprint });
  const observer = { onIdentification: (line: string) => identifications.push(line) };
  assert.equal((await assertNothingLeft(() => exec(target, 'work', { observer }))).exitCode, 0);
  assert.deepEqual(identifications, [ident]);
});
