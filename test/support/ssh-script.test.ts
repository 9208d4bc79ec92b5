import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Client } from 'ssh2';
import { exit, startSshScript } from './ssh-script';
import type { SshFault, SshScript } from './ssh-script';

/** What a client sees: the stages that it passes, then how it ends, or `silence`. */
async function observe(t: TestContext, script: SshScript, withinMs = 1_500): Promise<readonly string[]> {
  const seen: string[] = [];
  const client = new Client();
  t.after(() => client.destroy());
  return new Promise((resolve) => {
    const end = (what: string): void => {
      clearTimeout(timer);
      resolve([...seen, what]);
    };
    const timer = setTimeout(() => end('silence'), withinMs);
    client.on('error', (error) => {
      seen.push(`error: ${error.message}`);
    });
    client.on('close', () => end('close'));
    client.on('handshake', () => seen.push('kex'));
    client.on('ready', () => {
      seen.push('auth');
      client.exec('work', (error, channel) => {
        if (error) return void seen.push(`exec error: ${error.message}`);
        seen.push('exec');
        channel.resume().on('exit', (code) => end(`exit ${code}`));
      });
    });
    client.connect({
      host: script.address,
      port: script.port,
      username: 'u',
      privateKey: readFileSync(script.clientKeyFile),
      hostVerifier: () => true,
      readyTimeout: 60_000,
    });
  });
}

void test('runs a command by script and keeps what it was asked', async (t) => {
  const script = await startSshScript({ t, onExec: (call) => exit(call.accept(), call.connection + 3) });
  assert.deepEqual(await observe(t, script), ['kex', 'auth', 'exec', 'exit 3']);
  assert.deepEqual(await observe(t, script), ['kex', 'auth', 'exec', 'exit 4']);
  assert.deepEqual(script.commands, ['work', 'work']);
  assert.deepEqual(script.authMethods.slice(0, 2), ['none', 'publickey']);
  assert.equal(script.sessions, 2);
});

const passed: Readonly<Record<SshFault['stage'], readonly string[]>> = {
  banner: [],
  kex: [],
  auth: ['kex'],
  channel: ['kex', 'auth'],
  exec: ['kex', 'auth'],
  run: ['kex', 'auth', 'exec'],
};

for (const [stage, before] of Object.entries(passed) as [SshFault['stage'], readonly string[]][]) {
  void test(`is silent, ends with FIN or with RST at stage ${stage}`, async (t) => {
    const ways = ['silence', 'fin', 'rst'] as const;
    const script = await startSshScript({ t, fault: (index) => ({ stage, how: ways[index] ?? 'silence' }) });
    assert.deepEqual(await observe(t, script), [...before, 'silence']);
    const finished = await observe(t, script, 10_000);
    assert.deepEqual(finished.slice(0, before.length), before);
    assert.ok(!finished.join().includes('ECONNRESET') && finished.at(-1) === 'close', finished.join());
    const reset = await observe(t, script, 10_000);
    assert.deepEqual(reset.slice(0, before.length), before);
    assert.ok(reset.join().includes('ECONNRESET') && reset.at(-1) === 'close', reset.join());
    assert.equal(script.commands.length, stage === 'exec' || stage === 'run' ? 3 : 0);
  });
}

void test('the client sees KEXINIT before the key exchange falls silent', async (t) => {
  const script = await startSshScript({ t, fault: { stage: 'kex', how: 'silence' } });
  assert.deepEqual(await observe(t, script), ['silence']);
  const client = (await script.connection(0)).bytesRead;
  // Identification, KEXINIT and the first packet of the exchange itself, for which a client needs our KEXINIT.
  assert.ok(client > 1_000, `${client} bytes`);
});
