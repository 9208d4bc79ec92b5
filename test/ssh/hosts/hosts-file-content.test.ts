import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createHostDirectory } from '../../../ssh/hosts';
import type { HostsFile } from '../../../ssh/hosts';
import { failure } from './fixture';
import { useHostsFile } from './hosts-file-ground';

describe('hosts file, its content', () => {
  const { fixture, file, problems, withHost } = useHostsFile();

  it('reports what is missing: user, credential, known_hosts', async () => {
    const text = 'hosts:\n  web: { address: a }\n';
    assert.deepEqual(
      await problems(text),
      [
        '2:3: hosts.web: expected hostKey, or a known_hosts file at ' +
          `${fixture.path('.ssh/known_hosts')}, found no such file`,
        '2:3: hosts.web.user: expected a user, here or in defaults, found none',
        '2:3: hosts.web.credential: expected a credential, here or in defaults, found none',
      ].sort((a, b) => order(a) - order(b))
    );
    function order(line: string): number {
      return ['user', 'credential', 'hosts.web:'].findIndex((part) => line.includes(part));
    }
  });

  it('reports a wrong default once, and not what follows from it', async () => {
    const text = `defaults: { user: 7, credential: { privateKeyFile: key }, knownHosts: none }
hosts: { a: { address: a }, b: { address: b }, c: { address: c } }
`;
    const found = await problems(text);
    assert.equal(found.length, 2, found.join('\n'));
    assert.match(found[0] ?? '', /defaults.user/);
    assert.match(found[1] ?? '', /defaults.knownHosts/);
    const credential = 'credential: { privateKeyFile: locked, passphrase: hunter2 }';
    assert.equal((await problems(`defaults: { ${credential} }\nhosts: {}\n`)).length, 1);
    assert.equal((await problems(withHost(`address: a, ${credential}`))).length, 1);
  });

  it('ends a list of problems that has no end', async () => {
    const hosts = Array.from({ length: 300 }, (_, index) => `  h${index}: { address: a, port: 0 }`).join('\n');
    const lines = await failure(() => {
      fixture.write('hosts.yaml', withHost('address: a') + `${hosts}\n`);
      createHostDirectory(file);
    });
    assert.match(lines.message, /300 problems\n/);
    assert.match(lines.message, /\n {2}and 200 more$/);
  });

  it('follows anchors to the place of a mistake', async () => {
    const text = `defaults: { user: u, credential: { privateKeyFile: key }, knownHosts: known_hosts }
hosts:
  a: { address: a, timeouts: &t { kex: x } }
  b: { address: b, timeouts: *t }
`;
    const found = await problems(text);
    assert.deepEqual(
      found.map((line) => /^\S+ [^:]+/.exec(line)?.[0]),
      ['3:40: hosts.a.timeouts.kex', '3:40: hosts.b.timeouts.kex']
    );
  });

  it('reads a file that is not there as an error', async () => {
    const error = await failure(() => createHostDirectory(fixture.path('none.yaml')));
    assert.equal(error.type, 'SshConfigInvalid');
    assert.match(error.message, /none.yaml: expected a hosts file, found no such file/);
  });

  it('refuses a file that is too large to be one', async () => {
    truncateSync(fixture.write('large.yaml', ''), 16 * 1024 * 1024 + 1);
    const error = await failure(() => createHostDirectory(fixture.path('large.yaml')));
    assert.match(error.message, /large.yaml: expected a hosts file of at most 16777216 bytes, found 16777217/);
  });

  it('reads JSON, with tabs', () => {
    const hosts: HostsFile = {
      credentials: { c: { privateKeyFile: 'key' } },
      hosts: { web: { address: 'a', user: 'u', credential: 'c', knownHosts: 'known_hosts', labels: { role: 'web' } } },
    };
    const path = fixture.write('hosts.json', JSON.stringify(hosts, null, '\t'));
    assert.deepEqual(createHostDirectory(path).names(), ['web']);
  });

  it('checks an object in the same way, but for plain secrets', async () => {
    const good = {
      address: 'a',
      user: 'u',
      credential: { password: 'hunter2' },
      knownHosts: fixture.path('known_hosts'),
    };
    assert.deepEqual(createHostDirectory({ hosts: { b: good, a: { ...good, port: undefined } as never } }).names(), [
      'a',
      'b',
    ]);
    const error = await failure(() => createHostDirectory({ hosts: { web: { ...good, port: 0, jump: [] } } }));
    assert.equal(error.type, 'SshConfigInvalid');
    assert.deepEqual(error.message.split('\n  '), [
      'hosts: 2 problems',
      'hosts.web.port: expected a port from 1 to 65535, found the number 0',
      'hosts.web.jump: expected the name of a host, or a list of them, the first hop first, found an empty list',
    ]);
    for (const nothing of [undefined, null, 7, []]) {
      assert.equal((await failure(() => createHostDirectory(nothing as never))).type, 'SshConfigInvalid');
    }
  });
});
