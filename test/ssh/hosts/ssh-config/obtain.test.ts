import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { knownHostsPaths } from '../../../../ssh/hosts/effective-host';
import { jumpNames } from '../../../../ssh/hosts/jump-route';
import { hostOfConfig } from '../../../../ssh/hosts/ssh-config/host-of-config';
import { obtain } from '../../../../ssh/hosts/ssh-config/obtain';
import type { Obtained } from '../../../../ssh/hosts/ssh-config/obtain';
import { SshConfigFile } from '../../../../ssh/hosts/ssh-config/ssh-config-file';
import { localUser } from '../../../../ssh/hosts/local-user';
import { makeScratch } from '../../../support/scratch';

type Values = Readonly<Record<string, string>>;

/** Those that both print in the same form. */
const PLAIN = [
  'identitiesonly',
  'identityagent',
  'proxyjump',
  'proxycommand',
  'hostkeyalias',
  'preferredauthentications',
];

/** What OpenSSH itself makes of it. */
function bySsh(file: string, host: string): Values {
  const { status, stdout, stderr } = spawnSync('ssh', ['-G', '-F', file, host], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const);
  const value = (key: string): string => lines.find(([name]) => name === key)?.[1] ?? '';
  const files = lines.filter(([name, text]) => name === 'identityfile' && !text.startsWith('~/.ssh/id_'));
  return {
    ...Object.fromEntries(PLAIN.map((key) => [key, value(key)])),
    hostname: value('hostname').toLowerCase(),
    port: value('port'),
    user: value('user'),
    identityfile: files.map(([, text]) => text).join(' '),
    userknownhostsfile: value('userknownhostsfile'),
    globalknownhostsfile: value('globalknownhostsfile'),
    stricthostkeychecking: value('stricthostkeychecking'),
    connecttimeout: value('connecttimeout'),
    serveraliveinterval: value('serveraliveinterval'),
    serveralivecountmax: value('serveralivecountmax'),
    hashknownhosts: value('hashknownhosts'),
  };
}

/** What we make of it, with OpenSSH's defaults where ours are others, in the form in which OpenSSH prints it. */
function byUs(file: string, name: string): Values {
  const obtained: Obtained = obtain(new SshConfigFile(file).nodes(), { name, user: localUser() });
  assert.deepEqual(
    obtained.problems.map(({ message }) => message),
    []
  );
  const options = { name, obtained, defaults: {}, defaultCredential: { agent: true } };
  const { host, hashKnownHosts = false } = hostOfConfig({ ...options, allowProxyCommand: true });
  const files = knownHostsPaths(host, '/');
  const given = (key: string): string => obtained.get(key)?.args.join(' ') ?? '';
  const known = obtained.get('userknownhostsfile')?.args.length ?? 0;
  const users = known > 0 ? known : 2;
  return {
    ...Object.fromEntries(PLAIN.map((key) => [key, given(key)])),
    identityagent: given('identityagent').replace('%u', localUser()),
    identitiesonly: given('identitiesonly') || 'no',
    proxyjump: jumpNames(host).join(','),
    proxycommand: host.proxyCommand ?? '',
    hostname: host.address,
    port: String(host.port),
    user: host.user ?? '',
    identityfile: obtained
      .all('identityfile')
      .map(({ args }) => args[0])
      .join(' '),
    userknownhostsfile: files.slice(0, users).join(' '),
    globalknownhostsfile: files.slice(users).join(' '),
    stricthostkeychecking: given('stricthostkeychecking') === 'yes' ? 'true' : given('stricthostkeychecking') || 'ask',
    connecttimeout: host.timeouts?.connect === undefined ? 'none' : String(Number(host.timeouts.connect) / 1_000),
    serveraliveinterval: String(Number(host.keepalive?.interval ?? 0) / 1_000),
    serveralivecountmax: String(host.keepalive?.countMax ?? 3),
    hashknownhosts: hashKnownHosts ? 'yes' : 'no',
  };
}

/** Name, configuration, hosts to ask for. */
const CASES: readonly [string, string, ...string[]][] = [
  ['an empty file', '', 'web'],
  ['first value wins', 'Port 1\nHost web\n Port 2\n User a\nHost *\n User b\n', 'web', 'other'],
  [
    'patterns and negation',
    'Host web-? !web-9 *.example\n Port 5\nHost *\n Port 6\n',
    'web-1',
    'web-9',
    'web-10',
    'a.example',
  ],
  ['a question mark is one character', 'Host web?\n Port 5\n', 'web', 'web1'],
  ['only negated patterns match nothing', 'Host !web\n Port 5\n', 'web', 'other'],
  ['names know case', 'Host Web\n Port 5\n', 'web', 'Web'],
  ['separators', 'host=web\n\tPORT =5\nuser\t=  bob\nHostKeyAlias   =x\n', 'web'],
  [
    'quotes and comments',
    'Host "web" \'b\' # none\n User "bob" # who\n IdentityFile \'/x y\'\n IdentityFile a#b\n',
    'web',
    'b',
    'none',
  ],
  ['escapes', 'Host web\n IdentityFile /a\\ b\n IdentityFile "/c\\"d"\n', 'web'],
  ['carriage returns and blanks at the end', 'Host web \r\n Port 5\t\r\n', 'web'],
  ['the host name with its token', 'Host web*\n HostName %h.Example%%x\n', 'web1'],
  ['several identity files', 'IdentityFile /g\nHost web\n IdentityFile ~/a\n IdentityFile /k/%h-%r\n', 'web'],
  [
    'identities',
    'Host web\n IdentitiesOnly yes\n IdentityAgent none\nHost *\n IdentityAgent /run/%u/agent\n',
    'web',
    'b',
  ],
  [
    'match host after the host name',
    'Host web\n HostName x%h\nMatch host xweb\n Port 5\nMatch host web\n User b\n',
    'web',
    'b',
  ],
  ['match host before the host name', 'Match host xweb\n Port 5\nHost web\n HostName xweb\n', 'web'],
  ['match with two of a kind', 'Match host a* host *b\n Port 5\n', 'ab', 'a', 'b'],
  ['match negated', 'Match !host web\n Port 5\nMatch host a,!b,* !user root\n User c\n', 'web', 'a', 'b'],
  ['match originalhost', 'Host web\n HostName x\nMatch originalhost WEB host=X\n Port 5\n', 'web', 'x'],
  [
    'match user',
    'Host web\n User bob\nMatch user b?b,alice\n Port 5\nMatch localuser root\n HostKeyAlias l\n',
    'web',
    'b',
  ],
  ['match all', 'Host web\n Port 5\nMatch all\n User z\n Port 6\n', 'web', 'b'],
  ['jump before command', 'Host web\n ProxyJump a@b:1,c\n ProxyCommand nc %h %p\n', 'web'],
  ['command before jump', 'Host web\n ProxyCommand none\nHost *\n ProxyJump b\n', 'web', 'c'],
  ['no jump', 'Host web\n ProxyJump none\nHost *\n ProxyJump j\n', 'web', 'b'],
  ['a command as it stands', 'Host web\n ProxyCommand = sh -c \'echo  --x=1   "q r"\' # no comment\n', 'web'],
  ['known hosts', 'Host web\n UserKnownHostsFile /a "/b c" ~/.ssh/%n\n GlobalKnownHostsFile /g\n', 'web', 'b'],
  [
    'host keys',
    'Host web\n StrictHostKeyChecking accept-new\n HashKnownHosts yes\n HostKeyAlias x\nHost *\n StrictHostKeyChecking yes\n',
    'web',
    'b',
  ],
  ['times', 'Host web\n ConnectTimeout 1m30s\n ServerAliveInterval 20\n ServerAliveCountMax 5\n', 'web', 'b'],
  ['methods', 'PreferredAuthentications publickey,password\n', 'web'],
  [
    'ignored keywords',
    'IgnoreUnknown Foo*,UseKeychain\nFooBar x y\nUseKeychain yes\nLogLevel QUIET\nForwardAgent no\nSendEnv LANG LC_*\nControlMaster auto\n',
    'web',
  ],
];

describe('obtain', () => {
  for (const [title, text, ...hosts] of CASES) {
    it(`agrees with ssh -G: ${title}`, (t) => {
      const file = makeScratch({ t }).write('config', text);
      for (const host of hosts) assert.deepEqual(byUs(file, host), bySsh(file, host), host);
    });
  }

  it('agrees with ssh -G on what is included, where, and in which order', (t) => {
    const scratch = makeScratch({ t });
    const { path } = scratch;
    mkdirSync(join(path, 'conf.d'));
    scratch.write('conf.d/20-b.conf', 'Host web\n Port 20\n');
    scratch.write('conf.d/10-a.conf', 'Host web other\n Port 10\n User ten\n');
    scratch.write('conf.d/.hidden.conf', 'Port 99\n');
    scratch.write('inside', 'IdentityFile /inside\nHost other\n HostKeyAlias never\nHost *\n IdentityFile /starred\n');
    const file = scratch.write(
      'config',
      `Include ${path}/none ${path}/conf.d/*.conf\nHost web\n Include ${path}/inside "${path}/conf.d/[12]0-?.conf"\n User late\nHost *\n User last\n`
    );
    for (const host of ['web', 'other', 'third']) assert.deepEqual(byUs(file, host), bySsh(file, host), host);
  });
});
