import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { SshTarget } from '../../../../ssh/target';
import { failure } from '../fixture';
import { useSshConfig } from './ssh-config-ground';

const PIN = `SHA256:${'A'.repeat(43)}`;

describe('hosts of the ssh configuration', () => {
  const { fixture, config, directory, labels, refusal } = useSshConfig();

  it('are looked up where the hosts file has none of that name', async () => {
    const text = `Host web\n HostName Web.Example\n Port 2222\n User bob\n IdentityFile ${fixture.path('key')}\nHost db-*\n User db\nHost *\n IdentityFile ${fixture.path('other')}\n`;
    const listed = { address: 'listed.example', user: 'u', credential: { password: 'p' }, hostKey: PIN };
    const hosts = directory(text, { hosts: { listed } });
    assert.deepEqual(hosts.names(), ['listed', 'web']);
    const web = await hosts.resolve('web');
    const { name, address, port, user } = web;
    assert.deepEqual([name, address, port, user], ['web', 'web.example', 2222, 'bob']);
    assert.deepEqual(labels(web), ['key', 'other']);
    assert.equal((await hosts.resolve('listed')).address, 'listed.example');
    assert.equal((await hosts.get('web'))?.port, 2222);
    for (const other of ['db-1', 'anything', 'web.example', '*', 'bob@web', 'db-*', '']) {
      const error = await failure(() => hosts.resolve(other));
      assert.equal(error.type, 'SshUnknownHost', other);
      assert.match(error.message, /Known: listed, web\./);
    }
    assert.equal(await hosts.get('anything'), undefined);
  });

  it('are also those that match the given patterns, if they are plain names', async () => {
    const text = `Host web\nHost *\n User u\n IdentityFile ${fixture.path('key')}\n`;
    const hosts = directory(text, { sshConfig: { hosts: ['db-*', '!db-9'] } });
    assert.equal((await hosts.resolve('db-1')).address, 'db-1');
    assert.deepEqual(hosts.names(), ['web']);
    for (const other of ['db-9', 'db-', 'x', 'db-1;reboot', 'db-$(x)', 'db-1/../x', 'db-a b']) {
      const found = await hosts.resolve(other).catch((error: { type: string }) => error.type);
      if (other === 'db-') assert.equal((found as SshTarget).address, 'db-');
      else assert.equal(found, 'SshUnknownHost', other);
    }
  });

  it('are listed also where a section includes them, if it is theirs', async () => {
    fixture.write('inside', 'Host web other\n Port 5\n');
    const hosts = directory(`Host web x !x\n Include ${fixture.path('inside')}\nHost last\n`);
    assert.deepEqual(hosts.names(), ['last', 'web']);
    assert.equal((await failure(() => hosts.resolve('other'))).type, 'SshUnknownHost');
  });

  it('take from the defaults of the hosts file what the configuration does not say', async () => {
    const defaults = {
      user: 'deploy',
      credential: { privateKeyFile: fixture.path('other') },
      knownHosts: fixture.path('known'),
      timeouts: { connect: '3s', banner: '90s' },
      keepalive: { countMax: 7 },
    } as const;
    fixture.write('known', `web ${fixture.publicKey('host')}\n`);
    const text = `Host web\n ServerAliveInterval 0\nHost own\n User me\n ConnectTimeout 5\n IdentityFile ${fixture.path('key')}\n`;
    const hosts = directory(text, { defaults });
    const web = await hosts.resolve('web');
    assert.deepEqual([web.user, labels(web)], ['deploy', ['other']]);
    assert.deepEqual([web.keepalive, web.timeouts], [{ intervalMs: 0, countMax: 7 }, defaults.timeouts]);
    assert.equal(web.hostKeys.check(fixture.blob('host')).trusted, true);
    const own = await hosts.resolve('own');
    assert.deepEqual([own.user, labels(own)], ['me', ['key']]);
    assert.deepEqual(own.timeouts, { connect: 5_000, banner: '90s' });
  });

  it('use the keys that ssh would, and pass over those that are not there', async () => {
    const keys = `IdentityFile ${fixture.path('none')}\n IdentityFile ${fixture.path('%n')}\n`;
    const hosts = directory(`Host web\nHost key\n ${keys}Host lost\n IdentityFile ${fixture.path('none')}\n`);
    assert.deepEqual(labels(await hosts.resolve('web')), ['.ssh/id_ed25519']);
    assert.deepEqual(labels(await hosts.resolve('key')), ['key']);
    const lost = await failure(() => hosts.resolve('lost'));
    assert.equal(lost.type, 'SshCredentialUnavailable');
    assert.match(lost.message, /none, found no such file/);
  });

  it('decrypt a key by the passphrase of the defaults, and say so where there is none', async () => {
    const text = `Host web\n IdentityFile ${fixture.path('locked')}\n`;
    const [type, message] = await refusal(text, 'web');
    assert.equal(type, 'SshAuthKeyUnusable');
    assert.match(message, /an encrypted key and no passphrase.*\n.*defaults\.credential of the hosts file/s);
    assert.doesNotMatch(message, /horse/);
    const credential = { privateKeyFile: fixture.path('key'), passphrase: { file: fixture.path('secret') } };
    assert.deepEqual(labels(await directory(text, { defaults: { credential } }).resolve('web')), ['locked']);
  });

  it('use an agent unless told not to, and only the methods that are wanted', async () => {
    const key = `IdentityFile ${fixture.path('key')}`;
    const text = [
      `Host no\n IdentityAgent none\n ${key}`,
      `Host only\n IdentitiesOnly yes\n IdentityAgent ${fixture.path('gone')}\n ${key}`,
      `Host gone\n IdentityAgent ${fixture.path('gone')}\n ${key}`,
      `Host first\n PreferredAuthentications gssapi-with-mic,password,publickey\n ${key}`,
      `Host nokey\n PubkeyAuthentication no\n ${key}`,
      `Host nothing\n PreferredAuthentications hostbased\n ${key}`,
    ].join('\n');
    const hosts = directory(text, { defaults: { credential: { password: 'p' } } });
    for (const name of ['no', 'only', 'gone']) assert.deepEqual(labels(await hosts.resolve(name)), ['key', 'password']);
    assert.deepEqual(labels(await hosts.resolve('first')), ['password', 'key']);
    assert.deepEqual(labels(await hosts.resolve('nokey')), ['password']);
    assert.equal((await failure(() => hosts.resolve('nothing'))).type, 'SshCredentialUnavailable');
  });

  it('look their keys up in all files, and keep new ones in the first, hashed if asked to', async () => {
    fixture.write('one', '');
    fixture.write('two', `web ${fixture.publicKey('host')}\n`);
    const files = `UserKnownHostsFile ${fixture.path('one')} ${fixture.path('missing')}\n GlobalKnownHostsFile ${fixture.path('two')}`;
    const options = 'StrictHostKeyChecking accept-new\n HashKnownHosts yes';
    const hosts = directory(
      `Host web new\n ${files}\n ${options}\nHost none\n UserKnownHostsFile none\n StrictHostKeyChecking accept-new\n`
    );
    assert.deepEqual((await hosts.resolve('web')).hostKeys.check(fixture.blob('host')), {
      trusted: true,
      by: 'known_hosts',
    });
    const verdict = (await hosts.resolve('new')).hostKeys.check(fixture.blob('host'));
    assert.ok(verdict.trusted && verdict.remember);
    await verdict.remember();
    assert.match(fixture.keygen('-F', 'new', '-f', fixture.path('one')), /^\|1\|\S+ ssh-ed25519 /m);
    assert.equal((await hosts.resolve('new')).hostKeys.check(fixture.blob('other')).trusted, false);
    // Nothing could be kept, so that any key would be accepted each time.
    const kept = (await hosts.resolve('none')).hostKeys.check(fixture.blob('host'));
    assert.ok(kept.trusted && kept.remember);
    const { remember } = kept;
    const error = await failure(() => remember());
    assert.equal(error.type, 'SshConfigInvalid');
    assert.match(error.message, /written to \/dev\/null, but is not there/);
  });

  it('go through the hosts of ProxyJump, each with what the configuration says of it', async () => {
    const text = `Host web\n ProxyJump alice@inner:2201,third\nHost inner\n HostName inner.example\n User bob\n ProxyJump outer\nHost *\n User all\n IdentityFile ${fixture.path('key')}\n`;
    const hosts = directory(text);
    const route = (target: SshTarget | undefined): readonly string[] =>
      target ? [...route(target.via), `${target.user}@${target.address}:${target.port}`] : [];
    const expected = ['all@outer:22', 'alice@inner.example:2201', 'all@third:22', 'all@web:22'];
    assert.deepEqual(route(await hosts.resolve('web')), expected);
    assert.deepEqual(hosts.names(), ['inner', 'web']);
    assert.equal((await failure(() => hosts.resolve('third'))).type, 'SshUnknownHost');
    const circle = await refusal('Host a\n ProxyJump b\nHost b\n ProxyJump a\n', 'a');
    assert.match(circle.join(), /SshConfigInvalid.*without a circle/);

    const listed = { address: 'l', user: 'u', credential: { password: 'p' }, hostKey: PIN };
    const mixed = directory(text, { hosts: { third: { ...listed, port: 5 }, far: { ...listed, jump: 'inner' } } });
    assert.deepEqual(route(await mixed.resolve('web')), [
      'all@outer:22',
      'alice@inner.example:2201',
      'u@l:5',
      'all@web:22',
    ]);
    assert.deepEqual(route(await mixed.resolve('far')), ['all@outer:22', 'bob@inner.example:22', 'u@l:22']);
  });

  it('keep a worker from starting when the file is broken, and are looked at again when it changes', async () => {
    const broken: readonly [string, RegExp][] = [
      ['Port\nUser x\n', /config:1: Port: expected a value/],
      ['Host web\n User "bob\n', /config:2: User: expected each quote to be closed/],
      [`Include ${config}\n`, /config:1: expected at most 16 files/],
      [`Include ~root/x\n`, /config:1: Include: expected a path/],
    ];
    for (const [text, message] of broken) {
      const error = await failure(() => directory(text));
      assert.equal(error.type, 'SshConfigInvalid');
      assert.match(error.message, message);
    }
    const hosts = directory(`Include conf.d/*\nHost web\n User one\n IdentityFile ${fixture.path('key')}\n`);
    assert.equal((await hosts.resolve('web')).user, 'one');
    mkdirSync(fixture.path('.ssh/conf.d'));
    fixture.write('.ssh/conf.d/a', 'User two\n');
    assert.equal((await hosts.resolve('web')).user, 'two');
    fixture.write('.ssh/conf.d/a', 'User six\n');
    assert.equal((await hosts.resolve('web')).user, 'six');
    fixture.write('.ssh/conf.d/a', 'User\n');
    assert.equal((await failure(() => hosts.resolve('web'))).type, 'SshConfigInvalid');
    chmodSync(fixture.write('.ssh/conf.d/a', 'User two\n'), 0o666);
    assert.match(
      (await failure(() => hosts.resolve('web'))).message,
      /only its owner can write, found mode 666.*chmod go-w/
    );
    rmSync(fixture.path('.ssh/conf.d'), { recursive: true });
    assert.equal((await hosts.resolve('web')).user, 'one');
    renameSync(config, `${config}.gone`);
    assert.match((await failure(() => hosts.resolve('web'))).message, /no such file/);
    renameSync(`${config}.gone`, config);
    assert.equal((await hosts.resolve('web')).user, 'one');
  });

  it('may have a ProxyCommand where the hosts file allows it, in which nothing from outside means anything to the shell', async () => {
    const text = `Host web evil*\n User u\n IdentityFile ${fixture.path('key')}\n ProxyCommand nc -X "5 %%" %h %p %r %n\nHost bad\n User 'x;reboot'\n ProxyCommand nc %r\n IdentityFile ${fixture.path('key')}\n`;
    const hosts = directory(text, { sshConfig: { allowProxyCommand: true, hosts: ['*'] } });
    assert.equal((await hosts.resolve('web')).proxyCommand, 'nc -X "5 %" web 22 u web');
    assert.equal((await failure(() => hosts.resolve('evil$(x)'))).type, 'SshUnknownHost');
    const bad = await failure(() => hosts.resolve('bad'));
    assert.equal(bad.type, 'SshConfigInvalid');
    assert.match(bad.message, /%r that means nothing to a shell/);
  });

  it('offer the certificate of their key', async () => {
    fixture.key('ca');
    fixture.key('certified');
    const signed = ['-q', '-s', fixture.path('ca'), '-I', 'id', '-n', 'u', fixture.path('certified.pub')];
    fixture.keygen(...signed);
    const text = `Host web\n IdentityFile ${fixture.path('certified')}\n CertificateFile ${fixture.path('certified-cert.pub')}\n IdentityAgent none\n`;
    const [method] = (await directory(text).resolve('web')).auth;
    assert.ok(method?.type === 'publickey' && method.certificate);
  });
});
