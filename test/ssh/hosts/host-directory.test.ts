import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createHostDirectory, fingerprint } from '../../../ssh/hosts';
import type { HostConfig } from '../../../ssh/hosts';
import { configError } from '../../../ssh/ssh-error';
import type { SshTarget } from '../../../ssh/target';
import { createFixture, failure } from './fixture';

const VARIABLE = 'TEMPORAL_SSH_TEST_PASSPHRASE';

describe('createHostDirectory', () => {
  const fixture = createFixture();
  const { HOME } = process.env;
  before(() => {
    process.env['HOME'] = fixture.path('home');
    mkdirSync(fixture.path('home'));
  });
  beforeEach(() => {
    fixture.key('key');
    fixture.key('home/key');
    fixture.key('host');
    fixture.write('known_hosts', `[web.example]:2222 ${fixture.publicKey('host')}\n`);
    process.env[VARIABLE] = 'correct horse';
  });
  after(() => {
    delete process.env[VARIABLE];
    if (HOME === undefined) delete process.env['HOME'];
    else process.env['HOME'] = HOME;
    fixture.remove();
  });

  const userKey = ({ auth: [method] }: SshTarget): string =>
    method?.type === 'publickey' ? fingerprint(method.key.getPublicSSH()) : assert.fail('no key');

  const yaml = (text: string): string => fixture.write('hosts.yaml', text);

  it('resolves a host with defaults, paths beside the file and the home directory', async () => {
    const directory = createHostDirectory(
      yaml(`defaults: { user: deploy, credential: main, knownHosts: known_hosts, labels: { zone: a, role: x }, timeouts: { kex: 5s } }
credentials: { main: { privateKeyFile: key }, home: { privateKeyFile: ~/key } }
hosts:
  web: { address: web.example, port: 2222, labels: { role: web }, timeouts: { banner: 90s } }
  db: { address: db.example, user: admin, credential: home, hostKey: "${fixture.fingerprint('host')}" }
`)
    );
    assert.deepEqual(directory.names(), ['db', 'web']);
    const { resolve } = directory;
    const web = await resolve('web');
    const { name, address, port, user, timeouts } = web;
    assert.deepEqual(
      { name, address, port, user, timeouts },
      { name: 'web', address: 'web.example', port: 2222, user: 'deploy', timeouts: { kex: '5s', banner: '90s' } }
    );
    assert.equal(userKey(web), fixture.fingerprint('key'));
    assert.deepEqual(web.hostKeys.check(fixture.blob('host')), { trusted: true, by: 'known_hosts' });
    assert.deepEqual(web.hostKeys.preferredAlgorithms, ['ssh-ed25519']);
    const db = await resolve('db');
    assert.equal(db.port, 22);
    assert.equal(db.user, 'admin');
    assert.equal(userKey(db), fixture.fingerprint('home/key'));
    assert.deepEqual(db.hostKeys.check(fixture.blob('host')), { trusted: true, by: 'pinned' });
    assert.deepEqual((await directory.get('web'))?.labels, { zone: 'a', role: 'web' });
    assert.equal(await directory.get('none'), undefined);
  });

  it('hands on keepalive and proxy command, and tells hosts with another one apart', async () => {
    const common = {
      address: 'web.example',
      user: 'u',
      credential: { password: 'p' },
      hostKey: fixture.fingerprint('key'),
    };
    const { resolve } = createHostDirectory({
      defaults: { keepalive: { interval: '20s' } },
      hosts: {
        web: { ...common, keepalive: { countMax: 5 }, proxyCommand: 'nc -x %% %h %p %r' },
        off: { ...common, keepalive: { interval: 0 } },
      },
    });
    const web = await resolve('web');
    assert.deepEqual(web.keepalive, { intervalMs: 20_000, countMax: 5 });
    assert.equal(web.proxyCommand, 'nc -x % web.example 22 u');
    assert.deepEqual((await resolve('off')).keepalive, { intervalMs: 0, countMax: 3 });
    const key = async (proxyCommand: string): Promise<string | undefined> =>
      (await createHostDirectory({ hosts: { web: { ...common, proxyCommand } } }).resolve('web')).shareKey;
    assert.equal(await key('nc %h'), await key('nc %h'));
    assert.notEqual(await key('nc %h'), await key('nc6 %h'));
  });

  it('hands on what jobs need, and shares connections whatever the password of sudo is', async () => {
    const common = { address: 'a', user: 'u', credential: { password: 'p' }, hostKey: fixture.fingerprint('key') };
    const resolve = (parts: Partial<HostConfig>): Promise<SshTarget> =>
      createHostDirectory({ hosts: { web: { ...common, ...parts } } }).resolve('web');
    const one = await resolve({ becomePassword: { env: VARIABLE }, jobDirectory: '/var/jobs' });
    assert.deepEqual([one.becomePassword, one.jobDirectory], ['correct horse', '/var/jobs']);
    const other = await resolve({ becomePassword: 'another' });
    assert.equal(one.shareKey, other.shareKey);
    assert.throws(
      () => createHostDirectory({ hosts: { web: { ...common, becomePassword: { env: 'NO_SUCH_VARIABLE' } } } }),
      /hosts\.web\.becomePassword: expected the environment variable NO_SUCH_VARIABLE/
    );
  });

  it('lets the pin win over known_hosts', async () => {
    const config = `{ address: web.example, port: 2222, user: u, credential: { privateKeyFile: key }, knownHosts: known_hosts, hostKey: "${fixture.fingerprint('key')}" }`;
    const { hostKeys } = await createHostDirectory(yaml(`hosts: { web: ${config} }`)).resolve('web');
    assert.equal(hostKeys.check(fixture.blob('host')).trusted, false);
    assert.equal(hostKeys.check(fixture.blob('key')).trusted, true);
  });

  it('uses ~/.ssh/known_hosts unless said otherwise', async () => {
    mkdirSync(fixture.path('home/.ssh'), { recursive: true });
    fixture.write('home/.ssh/known_hosts', `web.example ${fixture.publicKey('host')}\n`);
    const source = yaml('hosts: { web: { address: web.example, user: u, credential: { privateKeyFile: key } } }');
    const { hostKeys } = await createHostDirectory(source).resolve('web');
    assert.deepEqual(hostKeys.check(fixture.blob('host')), { trusted: true, by: 'known_hosts' });
  });

  it('takes a key, a passphrase and a known_hosts file that are exchanged while it runs', async () => {
    fixture.key('key', { passphrase: 'correct horse' });
    const directory = createHostDirectory(
      yaml(
        `hosts: { web: { address: web.example, port: 2222, user: u, knownHosts: known_hosts, credential: { privateKeyFile: key, passphrase: { env: ${VARIABLE} } } } }`
      )
    );
    const before = await directory.resolve('web');
    const [one] = before.auth;
    const [two] = (await directory.resolve('web')).auth;
    assert.ok(one?.type === 'publickey' && two?.type === 'publickey' && one.key === two.key, 'decrypted once');

    fixture.key('key', { passphrase: 'battery staple' });
    const wrong = await failure(() => directory.resolve('web'));
    assert.equal(wrong.type, 'SshAuthKeyUnusable');
    assert.doesNotMatch(wrong.message, /battery|horse/);
    process.env[VARIABLE] = 'battery staple';
    assert.equal(userKey(await directory.resolve('web')), fixture.fingerprint('key'));

    delete process.env[VARIABLE];
    assert.equal((await failure(() => directory.resolve('web'))).type, 'SshCredentialUnavailable');
    process.env[VARIABLE] = 'battery staple';
    rmSync(fixture.path('key'));
    const gone = await failure(() => directory.resolve('web'));
    assert.equal(gone.type, 'SshCredentialUnavailable');
    assert.match(gone.message, /host "web": credential.privateKeyFile: .*no such file/);

    fixture.key('key');
    fixture.write('known_hosts', '');
    const { hostKeys } = await directory.resolve('web');
    assert.equal(hostKeys.check(fixture.blob('host')).trusted, false);
    rmSync(fixture.path('known_hosts'));
    mkdirSync(fixture.path('known_hosts'));
    assert.equal((await failure(() => directory.resolve('web'))).type, 'SshConfigInvalid');
    rmSync(fixture.path('known_hosts'), { recursive: true });
  });

  it('names at most ten hosts and the nearest one', async () => {
    const host = { address: 'a', user: 'u', credential: { password: 'p' }, hostKey: fixture.fingerprint('host') };
    const hosts = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`web-${index + 10}`, host]));
    const directory = createHostDirectory({ hosts: { ...hosts, database: host } });
    const error = await failure(() => directory.resolve('databse'));
    assert.equal(error.type, 'SshUnknownHost');
    assert.equal(error.details.host, 'databse');
    assert.match(
      error.message,
      /no host "databse" in .*Did you mean "database"\? Known: database, web-10, (web-\d+, ){7}web-18 and 3 more\./
    );
    for (const name of ['constructor', '__proto__', '', undefined as never]) {
      assert.equal((await failure(() => directory.resolve(name))).type, 'SshUnknownHost');
    }
  });

  it('does not notice what is done to the object later', async () => {
    const host = { address: 'a', user: 'u', credential: { password: 'p' }, hostKey: fixture.fingerprint('host') };
    const directory = createHostDirectory({ hosts: { web: host } });
    host.address = 'evil';
    host.credential.password = 'evil';
    const { address, auth } = await directory.resolve('web');
    assert.equal(address, 'a');
    assert.deepEqual(auth, [{ type: 'password', password: 'p' }]);
  });

  describe('with a function', () => {
    const good = (): HostConfig => ({
      address: 'web.example',
      user: 'u',
      credential: { password: 'hunter2' },
      hostKey: fixture.publicKey('host'),
    });
    const failing = (host: unknown) => failure(() => createHostDirectory(() => host as HostConfig).resolve('web'));

    it('resolves what it returns, at once or later', async () => {
      for (const lookup of [good, async () => good()]) {
        const directory = createHostDirectory(lookup);
        const { auth, port } = await directory.resolve('web');
        assert.deepEqual(auth, [{ type: 'password', password: 'hunter2' }]);
        assert.equal(port, 22);
        assert.equal(directory.names(), undefined);
        assert.equal((await directory.get('web'))?.address, 'web.example');
      }
    });

    it('refuses what is wrong, and names the host', async () => {
      const error = await failing({ ...good(), port: 0, usr: 'x', credential: 'main' });
      assert.equal(error.type, 'SshConfigInvalid');
      assert.match(
        error.message,
        /^host "web" from .*: 2 problems\n {2}port: expected a port.*\n {2}usr: .*did you mean "user"\?$/
      );
      assert.match(
        (await failing({ ...good(), credential: 'main' })).message,
        /credential: expected a credential \(none is defined/
      );
      assert.match((await failing({ ...good(), user: undefined })).message, /\n {2}user: expected a user/);
      assert.equal((await failing({ ...good(), policy: {} })).type, 'SshConfigUnsupported');
      assert.equal((await failing('web.example')).type, 'SshConfigInvalid');
      assert.equal(
        (await failing({ ...good(), credential: { agent: '/nonexistent' } })).type,
        'SshCredentialUnavailable'
      );
      assert.equal((await failing({ ...good(), credential: { privateKey: 'hunter2' } })).type, 'SshAuthKeyUnusable');
    });

    it('does not know a host for which it returns nothing', async () => {
      assert.equal((await failing(undefined)).type, 'SshUnknownHost');
      assert.equal((await failing(null)).type, 'SshUnknownHost');
      assert.equal(await createHostDirectory(() => undefined).get('web'), undefined);
    });

    it('hands on its failure: an SshError as it is, others as the cause', async () => {
      const cause = new Error('inventory is down');
      const error = await failure(() => createHostDirectory(() => Promise.reject(cause)).resolve('web'));
      assert.equal(error.type, 'SshHostLookupFailed');
      assert.match(error.message, /host "web": .*inventory is down/);
      assert.equal(error.cause, cause);
      const own = configError('SshCredentialUnavailable', 'web', 'the vault is sealed');
      assert.equal(await failure(() => createHostDirectory(() => Promise.reject(own)).resolve('web')), own);
    });
  });
});
