import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { utils } from 'ssh2';
import { parse } from 'yaml';
import { SshError } from '../../../ssh/ssh-error';
import { startEmbeddedHost } from '../../../worker/embedded-host';
import type { EmbeddedHost } from '../../../worker/embedded-host';
import { scratch } from '../processes';
import { connect, disconnect, run } from './ssh-client';

async function startHost(t: TestContext, directory = join(scratch(t), 'host')): Promise<EmbeddedHost> {
  const host = await startEmbeddedHost({ directory });
  t.after(() => host.close());
  return host;
}

function refusal(type: string, pattern: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SshError, String(error));
    assert.equal(error.type, type);
    assert.match(error.message, pattern);
    return true;
  };
}

test('a client with the key of the directory runs commands', { timeout: 60_000 }, async (t) => {
  const host = await startHost(t);
  assert.equal(host.name, 'local');
  assert.equal(host.address, '127.0.0.1');
  let fingerprint = '';
  const client = await connect(host, {
    hostVerifier: (key: Buffer) => {
      fingerprint = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
      return true;
    },
  });
  assert.equal(fingerprint, host.fingerprint);
  const { code, stdout } = await run(client, 'echo $((6 * 7))');
  assert.equal(code, 0);
  assert.equal(stdout.toString(), '42\n');
  await disconnect(client);
});

test('the directory is private, and hosts.yaml names what a client needs', { timeout: 60_000 }, async (t) => {
  const directory = join(scratch(t), 'deeper', 'host');
  const host = await startHost(t, directory);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  const names = readdirSync(directory).sort();
  assert.deepEqual(names, ['hosts.yaml', 'id_ed25519', 'port', 'ssh_host_ed25519_key']);
  for (const name of names) assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
  const text = readFileSync(host.hostsFile, 'utf8');
  assert.doesNotMatch(text, /PRIVATE KEY/);
  assert.deepEqual(parse(text), {
    credentials: { embedded: { privateKeyFile: join(directory, 'id_ed25519') } },
    hosts: {
      local: {
        address: '127.0.0.1',
        port: host.port,
        user: host.user,
        hostKey: host.fingerprint,
        credential: 'embedded',
      },
    },
  });
});

test(
  'keys and port stay the same from start to start, and another port is taken when it is in use',
  { timeout: 60_000 },
  async (t) => {
    const directory = join(scratch(t), 'host');
    const first = await startEmbeddedHost({ directory });
    await first.close();
    const key = readFileSync(first.privateKeyFile, 'utf8');
    const second = await startEmbeddedHost({ directory });
    assert.equal(second.port, first.port);
    assert.equal(second.fingerprint, first.fingerprint);
    assert.equal(readFileSync(second.privateKeyFile, 'utf8'), key);
    await second.close();

    const squatter = createServer().listen(first.port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    t.after(() => squatter.close());
    const third = await startHost(t, directory);
    assert.notEqual(third.port, first.port);
    await assert.rejects(
      startEmbeddedHost({ directory, port: first.port }),
      refusal('SshConfigInvalid', new RegExp(`port ${first.port}.*EADDRINUSE`))
    );
  }
);

test('several starts at once share the keys', { timeout: 60_000 }, async (t) => {
  const directory = join(scratch(t), 'host');
  const hosts = await Promise.all([1, 2, 3].map(() => startHost(t, directory)));
  assert.equal(new Set(hosts.map(({ fingerprint }) => fingerprint)).size, 1);
});

test(
  'a directory or key that is open to others is refused with the command that helps',
  { timeout: 60_000 },
  async (t) => {
    const directory = join(scratch(t), "it's");
    const host = await startEmbeddedHost({ directory });
    await host.close();
    chmodSync(directory, 0o750);
    await assert.rejects(
      startEmbeddedHost({ directory }),
      refusal('SshConfigInvalid', /open to others \(mode 0750\)\. Run: chmod 700 '.*it'"'"'s'/)
    );
    chmodSync(directory, 0o700);
    chmodSync(host.privateKeyFile, 0o644);
    await assert.rejects(
      startEmbeddedHost({ directory }),
      refusal('SshConfigInvalid', /mode 0644\)\. Run: chmod 600 /)
    );
    chmodSync(host.privateKeyFile, 0o600);
    writeFileSync(host.privateKeyFile, 'no key');
    await assert.rejects(
      startEmbeddedHost({ directory }),
      refusal('SshConfigInvalid', /no Ed25519 private key.*run: rm /)
    );
    await assert.rejects(
      startEmbeddedHost({ directory: host.hostsFile }),
      refusal('SshConfigInvalid', /not a directory/)
    );
  }
);

test('bad options are refused', { timeout: 60_000 }, async (t) => {
  const directory = join(scratch(t), 'host');
  const elsewhere = { directory, host: '0.0.0.0' as '127.0.0.1' };
  await assert.rejects(startEmbeddedHost(elsewhere), refusal('SshInvalidOptions', /^host: expected '127\.0\.0\.1'/));
  await assert.rejects(startEmbeddedHost({ directory, port: 70_000 }), refusal('SshInvalidOptions', /^port: .*70000/));
});

test('only the one key of the one user gets in', { timeout: 60_000 }, async (t) => {
  const host = await startHost(t);
  const otherKey = utils.generateKeyPairSync('ecdsa', { bits: 256 }).private;
  const failed = /All configured authentication methods failed/;
  await assert.rejects(connect(host, { privateKey: otherKey }), failed);
  await assert.rejects(connect(host, { username: `${host.user}x` }), failed);
  await assert.rejects(connect(host, { username: '' }), /./);
  await assert.rejects(connect(host, { privateKey: undefined as never, password: 'secret' }), failed);

  const own = utils.parseKey(readFileSync(host.privateKeyFile));
  assert.ok(!(own instanceof Error));
  // The right public key, but a signature that it did not make.
  let forgeries = 0;
  own.sign = () => {
    forgeries += 1;
    return randomBytes(64);
  };
  const authHandler = [{ type: 'publickey', username: host.user, key: own }];
  await assert.rejects(connect(host, { authHandler: authHandler as never }), failed);
  assert.equal(forgeries, 1);
  const client = await connect(host);
  await disconnect(client);
});

test('six failed attempts end the connection', { timeout: 60_000 }, async (t) => {
  const host = await startHost(t);
  let attempts = 0;
  const error: unknown = await connect(host, {
    authHandler: ((_methods: unknown, _partial: unknown, next: (method: unknown) => void) => {
      attempts += 1;
      next(attempts > 50 ? false : { type: 'password', username: host.user, password: `${attempts}` });
    }) as never,
  }).then(
    () => 'connected',
    (reason: unknown) => reason
  );
  assert.ok(error instanceof Error);
  assert.ok(attempts >= 6 && attempts <= 8, `${attempts} attempts`);
});
