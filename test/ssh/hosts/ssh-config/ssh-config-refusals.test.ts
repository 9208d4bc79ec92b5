import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useSshConfig } from './ssh-config-ground';

describe('refusals of the ssh configuration', () => {
  const { fixture, directory, refusal } = useSshConfig();

  const unsupported: readonly [string, RegExp][] = [
    ['StrictHostKeyChecking no', /config:2: StrictHostKeyChecking: .*no host key is ever accepted blindly/],
    ['ProxyCommand nc %h %p', /config:2: ProxyCommand: .*allowProxyCommand: true/],
    ['IdentityFile ~/a\nIdentityFile ~/b\nCertificateFile ~/x', /config:4: CertificateFile: .*one IdentityFile/],
    ['KnownHostsCommand /bin/x', /config:2: KnownHostsCommand/],
    ['VerifyHostKeyDNS ask', /config:2: VerifyHostKeyDNS/],
    ['RevokedHostKeys /x', /config:2: RevokedHostKeys/],
    ['Ciphers aes128-ctr', /config:2: Ciphers/],
    ['ForwardAgent yes', /config:2: ForwardAgent/],
    ['LocalForward 1 b:2', /config:2: LocalForward/],
    ['RequestTTY force', /config:2: RequestTTY/],
    ['RemoteCommand ls', /config:2: RemoteCommand/],
    ['BindAddress 1.2.3.4', /config:2: BindAddress/],
    ['Frobnicate yes', /config:2: Frobnicate: .*unknown keyword.*IgnoreUnknown/],
    ['Match exec true\n Port 5', /config:2: Match: .*found exec/],
    ['Match final all\n Port 5', /config:2: Match: .*found final|expected "all"/],
    ['IdentityFile /%C', /config:2: IdentityFile: .*token %C/],
  ];
  for (const [line, message] of unsupported) {
    it(`are refused for ${line.split('\n')[0]}, those without it are not`, async () => {
      const other = `Host other\n IdentityFile ${fixture.path('key')}\n`;
      const [type, text] = await refusal(`Host web\n ${line}\n${other}`, 'web');
      if (!line.startsWith('Match final')) assert.equal(type, 'SshConfigUnsupported', text);
      assert.match(text, message);
      if (!line.startsWith('Match')) await directory(`Host web\n ${line}\n${other}`).resolve('other');
    });
  }

  it('are not refused for a line that does not count, since an earlier one does', async () => {
    const text = `Host web\n StrictHostKeyChecking yes\n ForwardAgent no\n RequestTTY no\n IdentityFile ${fixture.path('key')}\nHost *\n StrictHostKeyChecking no\n ForwardAgent yes\n RequestTTY yes\nMatch host x exec "false"\n Port 1\n`;
    assert.equal((await directory(text).resolve('web')).port, 22);
  });

  const wrong: readonly [string, RegExp][] = [
    ['Port 99999', /config:2: Port: expected a number from 1 to 65535, found "99999"/],
    ['Port 22 23', /config:2: Port: expected one value/],
    ['HostName a/b', /config:2: HostName: expected a host name/],
    ['ProxyJump a,,b', /config:2: ProxyJump: expected hops/],
    ['StrictHostKeyChecking maybe', /config:2: StrictHostKeyChecking: expected yes/],
    ['ConnectTimeout soon', /config:2: ConnectTimeout: expected a number of seconds/],
    ['IdentityFile ${NO_SUCH_VARIABLE}/x', /config:2: IdentityFile: .*NO_SUCH_VARIABLE/],
    ['HostKeyAlias *', /config:2: HostKeyAlias: expected a name/],
    ['Match host\n Port 1', /config:2: Match: expected patterns after "host"/],
  ];
  for (const [line, message] of wrong) {
    it(`are wrong with ${line.split('\n')[0]}`, async () => {
      const [type, text] = await refusal(`Host web\n ${line}\n`, 'web');
      assert.equal(type, 'SshConfigInvalid', text);
      assert.match(text, message);
    });
  }
});
