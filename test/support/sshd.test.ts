import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { assertGone, connectedClient, loginCommand, output, spawnMarker } from './login';
import { markedWith } from './processes';
import { startProbe } from './probe';
import { startSshd } from './sshd';

void test('logs in with the key that the server names, and checks the host key that it names', async (t) => {
  const sshd = await startSshd({ t, hostKeyTypes: ['ecdsa', 'ed25519'], env: { GREETING: 'hello there' } });
  const result = await output(loginCommand(sshd, 'echo "$GREETING $(id -un)"'));
  assert.deepEqual(result, { code: 0, stdout: `hello there ${sshd.user}\n` });
  assert.match(sshd.hostFingerprint, /^SHA256:[\w+/]{43}$/);
  assert.match(sshd.knownHostsLine, /^\[127\.0\.0\.1\]:\d+ ecdsa-sha2-nistp256 /);
  await sshd.waitForLog(/Accepted publickey for/);
});

void test('refuses a host key that is not the one in known_hosts', async (t) => {
  const [sshd, other] = await Promise.all([startSshd({ t }), startSshd({ t })]);
  const knownHostsLine = other.knownHostsLine.replace(`:${other.port}`, `:${sshd.port}`);
  const { code, stdout } = await output(loginCommand({ ...sshd, knownHostsLine }, 'echo in'));
  assert.deepEqual({ code, stdout }, { code: 255, stdout: '' });
});

void test('takes extra configuration before its own, and Match blocks at the end', async (t) => {
  const sshd = await startSshd({ t, config: ['Match User *', '  ForceCommand echo forced', 'Banner none'] });
  assert.equal((await output(loginCommand(sshd, 'echo in'))).stdout, 'forced\n');
  await assert.rejects(startSshd({ t, config: ['NoSuchKeyword yes'] }), /ended before it logged[^]*NoSuchKeyword/i);
  await assert.rejects(startSshd({ t, config: ['SetEnv A=b'] }), /option env/);
});

void test('a paused server accepts connections and says nothing until it is resumed', async (t) => {
  const sshd = await startSshd({ t });
  sshd.pause();
  const probe = await startProbe(t, sshd);
  assert.equal(await probe.saysSomethingWithin(300), false);
  sshd.resume();
  assert.equal(await probe.saysSomethingWithin(10_000), true);
});

void test('stop ends sessions and what they have detached, and removes the directory', async (t) => {
  const sshd = await startSshd({ t });
  const client = await connectedClient(t, sshd);
  const marker = await spawnMarker(
    client,
    'setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $TEMPORAL_SSH_TEST_SERVER'
  );
  assert.ok(markedWith(marker).length >= 1, 'the detached process runs');
  await sshd.stop();
  assert.deepEqual(markedWith(marker), []);
  assertGone(sshd.pid);
  assert.equal(existsSync(sshd.directory), false);
});

void test('restart keeps port and keys, and commands only when told', async (t) => {
  const sshd = await startSshd({ t });
  const client = await connectedClient(t, sshd);
  const closed = once(client, 'close');
  const marker = await spawnMarker(client, 'echo $TEMPORAL_SSH_TEST_SERVER; exec sleep 1000');
  const before = sshd.pid;
  await sshd.restart({ sessions: 'keep' });
  await closed;
  assert.notEqual(sshd.pid, before);
  assertGone(before);
  // The new server carries the marker as well, unless it has overwritten its environment by its title.
  assert.equal(markedWith(marker).filter(({ pid }) => pid !== sshd.pid).length, 1, 'the command goes on');
  assert.equal((await output(loginCommand(sshd, 'echo again'))).stdout, 'again\n');
  await sshd.restart();
  assert.deepEqual(
    markedWith(marker).filter(({ pid }) => pid !== sshd.pid),
    []
  );
  assert.equal((await output(loginCommand(sshd, 'echo again'))).stdout, 'again\n');
});
