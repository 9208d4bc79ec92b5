import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useHostsFile } from './hosts-file-ground';

describe('hosts file', () => {
  const { fixture, problems, withHost, withCredential } = useHostsFile();

  it('reports ten different errors at once, each with its place', async () => {
    const text = `defaults:
  user: deploy
  knownHosts: known_hosts
  credential: deploy-kee
credentials:
  deploy-key: { privateKeyFile: key, passphrase: hunter2 }
  backup: { privateKeyFile: missing }
  shared: { password: { file: open } }
hosts:
  web-1: { adress: 10.0.0.11 }
  web-2:
    address: 10.0.0.12
    port: "22"
    timeouts: { baner: 60s, kex: soon }
  web-3: { address: 10.0.0.13, hostKey: [MD5:aa, "SHA256:short"] }
  web-4: { address: 10.0.0.14, jump: [web-0] }
`;
    const host =
      'address, port, user, hostKey, hostKeyAlias, jump, proxyCommand, credential, knownHosts, keepalive, strictHostKeyChecking, labels, becomePassword, jobDirectory, timeouts';
    const pin = 'a fingerprint as "ssh-keygen -l" prints it (SHA256:...) or a public key (ssh-ed25519 AAAA...)';
    assert.deepEqual(await problems(text), [
      '4:15: defaults.credential: expected the name of one of the credentials, found "deploy-kee"; did you mean "deploy-key"?',
      '6:50: credentials.deploy-key.passphrase: expected { env: NAME } or { file: PATH }, since secrets must not be in a hosts file, found a plain string',
      `7:29: credentials.backup.privateKeyFile: expected a private key at ${fixture.path('missing')}, found no such file`,
      `8:23: credentials.shared.password: expected a file with the secret at ${fixture.path('open')}, found one that is open to others (mode 0644); close it with: chmod 600 ${fixture.path('open')}`,
      '10:3: hosts.web-1.address: expected a host name or an IP address, found nothing',
      `10:12: hosts.web-1.adress: expected one of ${host}, found an unknown key; did you mean "address"?`,
      '13:11: hosts.web-2.port: expected a port from 1 to 65535, found "22"',
      '14:17: hosts.web-2.timeouts.baner: expected one of connect, banner, kex, auth, channel, exec, run, idle, found an unknown key; did you mean "banner"?',
      '14:34: hosts.web-2.timeouts.kex: expected a positive number of milliseconds or a duration such as \'60s\', found "soon"',
      `15:42: hosts.web-3.hostKey.0: expected ${pin}, found "MD5:aa"`,
      `15:50: hosts.web-3.hostKey.1: expected ${pin}, found "SHA256:short"`,
      '16:38: hosts.web-4.jump: expected the names of hosts, found "web-0"; did you mean "web-1"?',
    ]);
  });

  it('names what this version does not support, by a type of its own if nothing else is wrong', async () => {
    const text = `policy: {}
defaults: { user: u, credential: c, knownHosts: known_hosts }
credentials:
  c: { privateKeyFile: key }
hosts: { web: { address: a, policy: x } }
`;
    const unsupported = ['1:1: policy', '5:29: hosts.web.policy'];
    const expected = unsupported.map((line) => `${line}: not supported by this version`);
    assert.deepEqual(await problems(text, 'SshConfigUnsupported'), expected);
    assert.equal((await problems(`${text}other: 1\n`)).length, expected.length + 1);
  });

  const wrong: readonly [string, string, ...RegExp[]][] = [
    ['an empty file', '', /^1:1: expected an object with defaults, credentials, hosts, sshConfig, found null/],
    ['a list', '- a\n', /^1:1: expected an object with .*, found a list of 1/],
    ['no hosts', 'defaults: {}\n', /hosts: expected an object of names and hosts, found nothing/],
    [
      'jump and proxyCommand together',
      withHost('address: a, proxyCommand: nc %h %p, jump: web'),
      /hosts.web.jump: expected either jump or proxyCommand, found both/,
      /without a circle/,
    ],
    ['a token that is none', withHost('address: a, proxyCommand: nc %C'), /hosts.web.proxyCommand: expected a command/],
    ['a list of no files', withHost('address: a, knownHosts: []'), /hosts.web.knownHosts: expected a path, or a list/],
    [
      'a wrong keepalive',
      withHost('address: a, keepalive: { interval: -1, countMax: 0 }'),
      /keepalive.interval: expected .*, or 0 for none/,
      /keepalive.countMax: expected a number from 1 to 100/,
    ],
    [
      'a wrong sshConfig',
      'sshConfig: { file: 1, hosts: x, allowProxyCommand: maybe, hots: [] }\n',
      /sshConfig.file: expected a path/,
      /sshConfig.hosts: expected a list of patterns/,
      /sshConfig.allowProxyCommand: expected true or false/,
      /sshConfig.hots: .*did you mean "hosts"/,
    ],
    [
      'an sshConfig that is not there',
      'sshConfig: none\n',
      /^1:12: sshConfig: expected a file at .*none, found no such file/,
    ],
    ['no hosts and no sshConfig', 'sshConfig: false\n', /hosts: expected an object of names and hosts/],
    ['a tab as indentation', 'hosts:\n\tweb: {}\n', /^2:1: expected YAML/],
    ['a bracket too few', 'hosts: { web: {\n', /expected YAML/],
    ['two documents', 'hosts: {}\n---\nhosts: {}\n', /^2:1: expected YAML 1.2 or JSON, found a second document/],
    ['a key twice', 'hosts: {}\nhosts: {}\n', /^2:1: expected each key once, found "hosts" again/],
    [
      'a key twice and a wrong value',
      withHost('address: a, port: 0, address: b'),
      /^3:28: hosts.web.port: /,
      /^3:31: expected each key once, found "address" again/,
    ],
    ['an alias to nothing', 'hosts: *x\n', /expected YAML|expected aliases/],
    ['an unknown tag', 'hosts: !x {}\n', /expected YAML/],
    ['a host that is null', 'hosts:\n  web:\n', /^2:7: hosts.web: expected a host with address, .*, found null/],
    ['a name with a space', 'hosts:\n  a b: { address: x }\n', /^2:3: hosts."a b": expected a name without spaces/],
    [
      'user in the address',
      withHost('address: root@web'),
      /^3:19: hosts.web.address: .*the user under "user", found "root@web"/,
    ],
    ['port in the address', withHost('address: "web:22"'), /the port under "port"/],
    ['brackets in the address', withHost('address: "[::1]:22"'), /without brackets/],
    ['a pattern as address', withHost('address: "*"'), /a host name or an IP address, found "\*"/],
    ['port 0', withHost('address: a, port: 0'), /port: expected a port from 1 to 65535, found the number 0/],
    ['null as user', withHost('address: a, user: '), /user: expected the name of the remote user, found null/],
    [
      'a number as label',
      withHost('address: a, labels: { zone: 1 }'),
      /labels.zone: expected a string \(numbers need quotes\), found the number 1/,
    ],
    [
      'checking that is off',
      withHost('address: a, strictHostKeyChecking: no'),
      /expected 'yes' or 'accept-new', found "no"/,
    ],
    [
      'an empty list of pins',
      withHost('address: a, hostKey: []'),
      /hostKey: expected a fingerprint .*found an empty list/,
    ],
    [
      'a pin with a digit too many',
      withHost(`address: a, hostKey: "SHA256:${'A'.repeat(44)}"`),
      /hostKey: expected a fingerprint/,
    ],
    [
      'a pin that is no digest',
      withHost(`address: a, hostKey: "SHA256:${'A'.repeat(42)}B"`),
      /hostKey: expected a fingerprint/,
    ],
    [
      'a key as pin whose type is another',
      withHost('address: a, hostKey: "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIB"'),
      /hostKey: expected a fingerprint/,
    ],
    [
      'a known_hosts file that is not there',
      withHost('address: a, knownHosts: none'),
      /^3:34: hosts.web.knownHosts: expected a known_hosts file at .*none, found no such file/,
    ],
    [
      'a directory as known_hosts',
      withHost('address: a, strictHostKeyChecking: accept-new, knownHosts: .'),
      /knownHosts: .*found a directory/,
    ],
    [
      'a home of somebody else',
      withCredential('privateKeyFile: ~root/key'),
      /privateKeyFile: expected a path, found "~root\/key"/,
    ],
    [
      'an unknown credential',
      withHost('address: a, credential: x'),
      /^3:34: hosts.web.credential: expected a credential \(none is defined/,
    ],
    [
      'a key in the wrong place',
      withCredential('privateKeyFile: "-----BEGIN OPENSSH PRIVATE KEY-----\\nabc"'),
      /privateKeyFile: expected a path, found a text of several lines$/,
    ],
    [
      'an encrypted key',
      withCredential('privateKeyFile: locked'),
      /^2:24: credentials.c.privateKeyFile: .*no passphrase/,
    ],
    [
      'answers that are none',
      withCredential('keyboardInteractive: []'),
      /credentials.c.keyboardInteractive: expected a list of { prompt, answer }, found an empty list/,
    ],
    [
      'an expression that is none, and no answer',
      withCredential('keyboardInteractive: [{ prompt: "/(/" }]'),
      /keyboardInteractive.0.prompt: expected a part of the prompt, or a regular expression/,
      /keyboardInteractive.0.answer: expected an answer, found none/,
    ],
    [
      'a plain answer',
      withCredential('keyboardInteractive: [{ prompt: code, answer: hunter2 }]'),
      /keyboardInteractive.0.answer: .*found a plain string$/,
    ],
    [
      'an identity that is none',
      withCredential('agent: { identities: ["SHA256:short"] }'),
      /agent.identities.0: expected a fingerprint/,
    ],
    ['a plain password', withCredential('password: hunter2'), /^2:18: credentials.c.password: .*found a plain string$/],
    ['a plain key', withCredential('privateKey: hunter2'), /credentials.c.privateKey: .*found a plain string$/],
    [
      'a plain secret in a host',
      withHost('address: a, credential: { password: hunter2 }'),
      /^3:46: hosts.web.credential.password: .*found a plain string$/,
    ],
    [
      'a plain secret in the name of a variable',
      withCredential('password: { env: "hunter2!" }'),
      /password.env: expected the name of an environment variable, found a plain string/,
    ],
    [
      'two sources of a secret',
      withCredential('password: { env: A, file: b }'),
      /password: expected either .*found both or neither/,
    ],
    [
      'an unknown source of a secret',
      withCredential('password: { vault: x }'),
      /password.vault: expected one of env, file, found an unknown key/,
    ],
    ['a field of OpenSSH', withCredential('identityFile: key'), /identityFile: .*did you mean "privateKeyFile"/],
  ];
  for (const [name, text, ...expected] of wrong) {
    it(`refuses ${name}`, async () => {
      const found = await problems(text);
      for (const [index, pattern] of expected.entries()) {
        assert.ok(
          found.some((line) => pattern.test(line)),
          `${index}: ${pattern} in ${found.join('\n')}`
        );
      }
      assert.equal(found.length, expected.length, found.join('\n'));
      assert.doesNotMatch(found.join('\n'), /hunter2|BEGIN OPENSSH/);
    });
  }

  it('does not quote the text where it cannot be parsed', async () => {
    for (const secret of [
      '"hunter2" x',
      '"hunter2\\q"',
      '"hunter2',
      '`hunter2',
      '@hunter2',
      '%hunter2',
      '}hunter2',
      '!<hunter2 x',
      '&hunter2 *hunter2',
    ]) {
      const found = await problems(`credentials:\n  c:\n    password: ${secret}\nhosts: {}\n`);
      assert.doesNotMatch(found.join('\n'), /hunter2/, secret);
    }
  });
});
