import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { knownHostsName, matchesHostNames, parseKnownHosts } from '../../../ssh/hosts/known-hosts';
import { createFixture } from './fixture';

describe('known_hosts', () => {
  const fixture = createFixture();
  let key = '';
  before(() => {
    fixture.key('k');
    key = fixture.publicKey('k');
  });
  after(() => fixture.remove());

  /** The lines about a host, as ssh-keygen finds them. */
  function linesByKeygen(file: string, host: string): number[] {
    return [...fixture.keygen('-F', host, '-f', file).matchAll(/found: line (\d+)/g)].map(([, line]) => Number(line));
  }

  function lines(text: string, host: string): number[] {
    return parseKnownHosts(text)
      .entries.filter(({ names }) => matchesHostNames(names, host))
      .map(({ line }) => line);
  }

  const hosts = [
    ...[
      'a.example',
      'b.example',
      'xa.example',
      'A.Example',
      '10.0.0.1',
      '10.0.0.12',
      '10.0.1.1',
      '::1',
      'other',
      'a',
      'ab',
    ],
    ...['[a.example]:2222', '[10.0.0.1]:2222', '[::1]:2222', 'bad.lab', 'good.lab', 'abcabcabd', 'abc', 'a*'],
  ];

  it('finds the lines that ssh-keygen -F finds', () => {
    const names = [
      ...['a.example', 'a.example,b.example', '10.0.0.?', '10.0.*', '*.example', '[a.example]:2222', '[10.0.0.*]:2222'],
      ...[
        '*.lab,!bad.lab',
        '!bad.lab,*.lab',
        '!bad.lab',
        '::1',
        '[::1]:2222',
        'A.EXAMPLE',
        '*',
        '?',
        'a?',
        'abc*abd',
        '[*]:*',
      ],
    ];
    const text = ['# a comment', '', ...names.map((name) => `${name} ${key} comment`), `\t b.example\t${key}`].join(
      '\n'
    );
    const file = fixture.write('known_hosts', `${text}\n`);
    for (const host of hosts) assert.deepEqual(lines(text, host), linesByKeygen(file, host), host);
    assert.ok(lines(text, 'a.example').length > 3);
  });

  it('finds names that ssh-keygen -H has hashed, with and without port', () => {
    const file = fixture.write('hashed', `a.example ${key}\n[a.example]:2222 ${key}\n10.0.0.1 ${key}\n`);
    fixture.keygen('-H', '-f', file);
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^\|1\|.*\n\|1\|.*\n\|1\|/);
    // Not so for capitals: ssh lowers them before it looks a host up, `ssh-keygen -F` does not.
    const lower = hosts.filter((host) => host === host.toLowerCase());
    for (const host of lower) assert.deepEqual(lines(text, host), linesByKeygen(file, host), host);
    for (const host of ['a.example', 'A.Example']) assert.deepEqual(lines(text, host), [1]);
    assert.deepEqual(lines(text, '[a.example]:2222'), [2]);
  });

  it('knows the markers', () => {
    const { entries } = parseKnownHosts(`@revoked * ${key}\n@cert-authority\t*.example ${key}\na ${key}`);
    assert.deepEqual(
      entries.map(({ marker }) => marker),
      ['revoked', 'cert-authority', undefined]
    );
  });

  it('skips lines that cannot be read, and counts them', () => {
    const bad = [
      'a.example',
      'a.example ssh-ed25519',
      'a.example ssh-ed25519 AAAA',
      `@other a ${key}`,
      `|1|x ${key}`,
      `@revoked ${key}`,
    ];
    const { entries, unreadableLines } = parseKnownHosts([...bad, `a.example ${key}\r`, '   # comment'].join('\n'));
    assert.deepEqual(unreadableLines, [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(
      entries.map(({ line }) => line),
      [7]
    );
  });

  it('takes no time without end for many stars', () => {
    assert.equal(matchesHostNames(`${'a*'.repeat(200)}b`, 'a'.repeat(250)), false);
  });

  it('names hosts as OpenSSH does', () => {
    assert.equal(knownHostsName('Web.Example', 22), 'web.example');
    assert.equal(knownHostsName('10.0.0.1', 2222), '[10.0.0.1]:2222');
    assert.equal(knownHostsName('::1', 2222), '[::1]:2222');
  });
});
