import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Client } from 'ssh2';
import { startEmbeddedHost } from '../../../worker/embedded-host';
import type { EmbeddedHost } from '../../../worker/embedded-host';
import { runs, until } from '../processes';
import { closed, collect, connect, disconnect, firstLine, open, run } from './ssh-client';

interface RawChannel {
  readonly _client: { readonly _protocol: { signal(channel: number, name: string): void } };
  readonly outgoing: { readonly id: number };
}

let directory: string;
let host: EmbeddedHost;
let client: Client;

before(async () => {
  process.env.TEMPORAL_API_KEY = 'a-secret';
  directory = mkdtempSync(join(tmpdir(), 'temporal-ssh-test-'));
  host = await startEmbeddedHost({ directory: join(directory, 'host') });
  client = await connect(host);
});

after(async () => {
  client.end();
  await host.close();
  rmSync(directory, { recursive: true, force: true });
});

test('exit codes and both streams come back', { timeout: 60_000 }, async () => {
  for (const code of [0, 1, 127, 255]) assert.equal((await run(client, `exit ${code}`)).code, code);
  const { stdout, stderr } = await run(client, 'echo out; echo err >&2');
  assert.equal(stdout.toString(), 'out\n');
  assert.equal(stderr.toString(), 'err\n');
});

test('the standard streams are pipes that can be opened by name, as under sshd', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await run(client, 'cat /dev/stdin; echo err > /dev/stderr', 'in');
  assert.deepEqual([code, stdout.toString(), stderr.toString()], [0, 'in', 'err\n']);
  assert.deepEqual(
    readdirSync(join(directory, 'host')).filter((name) => name.startsWith('.')),
    []
  );
});

test('a command that ends by a signal tells its name', { timeout: 60_000 }, async () => {
  for (const name of ['TERM', 'KILL', 'USR1', 'SEGV']) {
    const { code, signal } = await run(client, `kill -${name} $$`);
    assert.deepEqual([code, signal], [null, `SIG${name}`]);
  }
  // RFC 4254 has no name for this one.
  const { code } = await run(client, 'kill -XCPU $$');
  assert.equal(code, 128 + 24);
});

test('1 MiB of stdin arrives with its end', { timeout: 60_000 }, async () => {
  const input = randomBytes(1024 * 1024);
  const { code, stdout } = await run(client, 'sha256sum', input);
  assert.equal(code, 0);
  assert.equal(stdout.toString().split(' ')[0], createHash('sha256').update(input).digest('hex'));
});

test('stdin that a command does not read holds nothing up', { timeout: 60_000 }, async () => {
  const { code } = await run(client, 'exec <&-; sleep 0.2; exit 4', randomBytes(4 * 1024 * 1024));
  assert.equal(code, 4);
});

test('the client can go on writing when a running command has closed its stdin', { timeout: 60_000 }, async () => {
  const channel = await open(client, 'exec <&-; echo closed; exec sleep 300');
  await firstLine(channel);
  await new Promise((resolve) => channel.write(randomBytes(8 * 1024 * 1024), resolve));
  const result = collect(channel);
  channel.signal('TERM');
  assert.equal((await result).signal, 'SIGTERM');
});

test('5 MB of binary output arrive unchanged', { timeout: 60_000 }, async () => {
  const input = randomBytes(5_000_000);
  const { stdout } = await run(client, 'cat', input);
  assert.equal(stdout.length, input.length);
  assert.ok(stdout.equals(input));
});

test(
  'both streams beyond the window arrive whole and once, and wait for their reader',
  { timeout: 60_000 },
  async () => {
    // Neither is read until both have filled the window of 2 MiB: where ssh2 repeats one stream and forgets the other.
    const size = 12 * 1024 * 1024;
    const written = join(directory, 'written');
    const fill = (letter: string): string => `head -c ${size} /dev/zero | tr '\\0' ${letter}`;
    const channel = await open(client, `${fill('o')} & ${fill('e')} >&2 & wait; touch ${written}`);
    await until('the window is full', () => channel.readableLength + channel.stderr.readableLength >= 2 * 1024 * 1024);
    for (let trips = 0; trips < 20; trips++) await run(client, 'true');
    assert.ok(!existsSync(written), 'the command waits for its reader');
    const { code, stdout, stderr } = await collect(channel);
    assert.equal(code, 0);
    assert.deepEqual([stdout.length, stderr.length], [size, size]);
    assert.equal(stdout.indexOf('e'), -1);
  }
);

test('commands see only what they need of the environment', { timeout: 60_000 }, async () => {
  const channel = await open(client, 'env; pwd', { env: { LC_ALL: 'C', LD_PRELOAD: '/x', TEMPORAL_ADDRESS: 'x' } });
  const { stdout } = await collect(channel);
  const lines = stdout.toString().trim().split('\n');
  const env = new Map(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]));
  assert.equal(lines.at(-1), homedir());
  assert.equal(env.get('USER'), host.user);
  assert.equal(env.get('LOGNAME'), host.user);
  assert.equal(env.get('HOME'), homedir());
  assert.equal(env.get('LC_ALL'), 'C');
  assert.match(env.get('SSH_CONNECTION') ?? '', new RegExp(`^127\\.0\\.0\\.1 \\d+ 127\\.0\\.0\\.1 ${host.port}$`));
  assert.equal(env.get('LD_PRELOAD'), undefined);
  assert.ok(![...env.keys()].some((name) => name?.startsWith('TEMPORAL_')));
});

test('terminals, shells, sftp and forwarding are refused', { timeout: 60_000 }, async () => {
  await assert.rejects(open(client, 'true', { pty: true }), /Unable to request a pseudo-terminal/);
  const refused = (start: (done: (error?: Error) => void) => void): Promise<Error | undefined> => new Promise(start);
  assert.ok(await refused((done) => client.shell(false, done)));
  assert.ok(await refused((done) => client.sftp(done)));
  assert.ok(await refused((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', host.port, done)));
  assert.ok(await refused((done) => client.forwardIn('127.0.0.1', 0, done)));
  assert.equal((await run(client, 'true')).code, 0);
});

test('a command that no shell can be given is refused', { timeout: 60_000 }, async () => {
  await assert.rejects(open(client, 'echo \0'), /Unable to exec/);
  assert.equal((await run(client, 'true')).code, 0);
});

test('a command of 34 kB runs; a packet over 35,000 bytes costs the connection only', { timeout: 60_000 }, async () => {
  const { code, stdout } = await run(client, `printf %s ${'x'.repeat(34_000)} | wc -c`);
  assert.deepEqual([code, stdout.toString().trim()], [0, '34000']);
  const other = await connect(host);
  other.removeAllListeners('error');
  other.on('error', () => undefined);
  const gone = closed(other);
  other.exec(`true ${'x'.repeat(40_000)}`, () => undefined);
  await gone;
  assert.equal((await run(client, 'true')).code, 0);
});

test('a signal request reaches the whole group, after the end of stdin too', { timeout: 60_000 }, async () => {
  const channel = await open(client, 'sleep 300 & echo $!; trap "exit 7" TERM; wait; wait');
  const line = firstLine(channel);
  const result = collect(channel);
  channel.end();
  const child = Number(await line);
  assert.ok(runs(child));
  // What the client sends is served in its order: an answer means that the EOF before it was seen.
  await run(client, 'true');
  // ssh2's `signal` does nothing after `end`; other clients send it.
  const { _client, outgoing } = channel as unknown as RawChannel;
  _client._protocol.signal(outgoing.id, 'TERM');
  assert.equal((await result).code, 7);
  await until('the child is gone', () => !runs(child));
});

test(
  'the exit status comes when the command ends, the close when the background lets go of stdout',
  { timeout: 60_000 },
  async () => {
    const channel = await open(client, 'sleep 300 & echo $!; exit 6');
    const line = firstLine(channel);
    const end = collect(channel);
    const status = await new Promise((resolve) => channel.once('exit', resolve));
    assert.equal(status, 6);
    const background = Number(await line);
    await run(client, 'true');
    assert.ok(runs(background), 'a normal end left it alone');
    process.kill(background);
    assert.equal((await end).code, 6);
  }
);

test('a disconnect leaves what a finished command has left in the background', { timeout: 60_000 }, async () => {
  const other = await connect(host);
  const { stdout } = await run(other, 'sleep 300 >/dev/null 2>&1 & echo $!');
  const background = Number(stdout.toString());
  await disconnect(other);
  // An answer from the host after the disconnect: it has seen it.
  await run(client, 'true');
  assert.ok(runs(background));
  process.kill(background);
});

test('a lost connection hangs up the whole group', { timeout: 60_000 }, async () => {
  const other = await connect(host);
  const channel = await open(other, 'sleep 300 & echo $! $$; wait');
  const pids = (await firstLine(channel)).split(' ').map(Number);
  assert.ok(pids.every(runs));
  const gone = closed(other);
  other.destroy();
  await gone;
  await until('the group is gone', () => !pids.some(runs));
});

test('what ignores SIGHUP is killed, when its channel closes', { timeout: 60_000 }, async () => {
  const channel = await open(client, 'trap "" HUP; sleep 300 & echo $! $$; wait');
  const pids = (await firstLine(channel)).split(' ').map(Number);
  channel.close();
  await until('the group is gone', () => !pids.some(runs));
});

test('ten sessions are open at once, not eleven', { timeout: 60_000 }, async () => {
  const other = await connect(host);
  const channels = await Promise.all(Array.from({ length: 10 }, () => open(other, 'cat')));
  await assert.rejects(open(other, 'true'), /Channel open failure/);
  for (const channel of channels) {
    const result = collect(channel);
    channel.end();
    assert.equal((await result).code, 0);
  }
  assert.equal((await run(other, 'true')).code, 0);
  await disconnect(other);
});
