import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { SshCheckReport } from '../../contract';
import { dropbearSkipReason, startDropbear } from '../support/dropbear';
import { freePort } from '../support/free-port';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startTcpScript } from '../support/tcp-script';
import { entry, hostsText } from './support/hosts-text';
import { runCli } from './support/run-cli';

async function check(t: TestContext, text: string, ...args: string[]): ReturnType<typeof runCli> {
  const hosts = makeScratch({ t }).write('hosts.json', text);
  return runCli(['check', ...args, '--hosts', hosts], { t });
}

describe('temporal-ssh check', () => {
  it('shows each stage, the identification, the host key and the methods of OpenSSH', async (t) => {
    const sshd = await startSshd({ t });
    const { code, stdout } = await check(t, hostsText({ web: sshd }), 'web');
    assert.equal(code, 0, stdout);
    for (const stage of ['connect', 'banner', 'kex', 'auth']) assert.match(stdout, new RegExp(`ok +${stage} +\\d+ ms`));
    assert.match(stdout, /SSH-2\.0-OpenSSH/);
    assert.ok(stdout.includes(sshd.hostFingerprint));
    assert.match(stdout, /trusted \(pinned\)/);
    assert.match(stdout, /the server offers publickey/);
  });

  it('does the same with Dropbear, as JSON', { skip: dropbearSkipReason() }, async (t) => {
    const dropbear = await startDropbear({ t });
    const { code, stdout } = await check(t, hostsText({ box: dropbear }), 'box', '--json');
    assert.equal(code, 0, stdout);
    const report = JSON.parse(stdout) as SshCheckReport;
    assert.equal(report.ok, true);
    assert.deepEqual(
      report.stages.map(({ stage, ok }) => [stage, ok]),
      ['config', 'connect', 'banner', 'kex', 'auth'].map((stage) => [stage, true])
    );
    assert.match(report.identification ?? '', /dropbear/);
    assert.equal(report.hostKey?.fingerprint, dropbear.hostFingerprint);
    assert.ok(report.authMethods?.includes('publickey'));
    assert.ok(report.algorithms?.kex);
  });

  it('checks a host of the ssh configuration, with its jump host and its own keys', async (t) => {
    const [bastion, web] = [await startSshd({ t }), await startSshd({ t })];
    const scratch = makeScratch({ t });
    const knownHosts = scratch.write('known', `${bastion.knownHostsLine}\n${web.knownHostsLine}\n`);
    const host = (name: string, { address, port, clientKeyFile }: typeof web): string =>
      `Host ${name}\n HostName ${address}\n Port ${port}\n IdentityFile ${clientKeyFile}\n`;
    scratch.write(
      'config',
      `${host('bastion', bastion)}${host('web', web)} ProxyJump ${bastion.user}@bastion\nHost *\n User ${web.user}\n IdentitiesOnly yes\n UserKnownHostsFile ${knownHosts}\n`
    );
    const hosts = scratch.write('hosts.yaml', 'sshConfig: config\n');
    const { code, stdout } = await runCli(['check', 'web', '--hosts', hosts], { t });
    assert.equal(code, 0, stdout);
    assert.ok(stdout.includes(web.hostFingerprint));
    assert.match(stdout, /trusted \(known_hosts\)/);
    assert.match(bastion.log(), /Accepted publickey/);
    const unknown = await runCli(['check', 'wep', '--hosts', hosts], { t });
    assert.equal(unknown.code, 78);
    assert.match(unknown.stdout, /Did you mean "web"\? Known: bastion, web/);
  });

  it('says what a failure means and what to do, and exits with 1', async (t) => {
    const sshd = await startSshd({ t });
    const other = `SHA256:${'A'.repeat(43)}`;
    const text = hostsText({}, { web: { ...entry(sshd), hostKey: other } });
    const { code, stdout } = await check(t, text, 'web');
    assert.equal(code, 1);
    assert.match(stdout, /FAILED +kex/);
    assert.match(stdout, /NOT trusted/);
    assert.match(stdout, /SshHostKeyMismatch: /);
    assert.match(stdout, /What it means: .*\n +What to do: /);
    assert.ok(stdout.includes(other) && stdout.includes(sshd.hostFingerprint));
  });

  it('reports what it found up to the failure, as JSON', async (t) => {
    const server = await startTcpScript((socket) => socket.end('Exceeded MaxStartups\r\n'), { t });
    const sshd = await startSshd({ t });
    const { code, stdout } = await check(
      t,
      hostsText({}, { web: { ...entry(sshd), port: server.port } }),
      'web',
      '--json'
    );
    assert.equal(code, 1);
    const report = JSON.parse(stdout) as SshCheckReport;
    assert.equal(report.failure?.type, 'SshServerBusy');
    assert.equal(report.failure?.retryable, true);
    assert.equal(report.failure?.details.serverText, 'Exceeded MaxStartups');
    assert.deepEqual(report.stages.at(-1)?.stage, 'banner');
  });

  it('takes deadlines from the command line', async (t) => {
    const server = await startTcpScript(() => undefined, { t });
    const sshd = await startSshd({ t });
    const text = hostsText({}, { web: { ...entry(sshd), port: server.port } });
    const { stdout } = await check(t, text, 'web', '--timeout', 'banner=300ms', '--json');
    const { failure } = JSON.parse(stdout) as SshCheckReport;
    assert.equal(failure?.type, 'SshBannerTimeout');
    assert.equal(failure?.details.limitMs, 300);
  });

  it('exits with 1 for a host that refuses the connection', async (t) => {
    const sshd = await startSshd({ t });
    const { code, stdout } = await check(t, hostsText({}, { web: { ...entry(sshd), port: await freePort() } }), 'web');
    assert.equal(code, 1);
    assert.match(stdout, /SshConnectRefused/);
  });

  it('exits with 78 for an unknown host and for a bad hosts file, with every error', async (t) => {
    const sshd = await startSshd({ t });
    const unknown = await check(t, hostsText({ web: sshd }), 'wep');
    assert.equal(unknown.code, 78);
    assert.match(unknown.stdout, /SshUnknownHost: no host "wep" .*Did you mean "web"/);
    const bad = await check(t, '{ "hosts": { "a": { "port": 99999 }, "b": { "address": 5 } } }', 'a');
    assert.equal(bad.code, 78);
    assert.match(bad.stderr, /hosts\.json:1:\d+: hosts\.a\.port: /);
    assert.match(bad.stderr, /hosts\.json:1:\d+: hosts\.b\.address: /);
  });

  it('exits with 64 for a wrong command line, and has an example in its help', async (t) => {
    assert.equal((await runCli(['check'], { t })).code, 64);
    assert.equal((await runCli(['check', 'a', '--timeout', 'bnner=1s'], { t })).code, 64);
    for (const command of ['check', 'exec', 'worker', 'dev']) {
      const { code, stdout } = await runCli([command, '--help'], { t });
      assert.equal(code, 0);
      assert.match(stdout, /Examples?:\n +\$ temporal-ssh/);
    }
  });

  it('says how to get a hosts file where there is none', async (t) => {
    const { path } = makeScratch({ t });
    const { code, stderr } = await runCli(['check', 'a'], { t, cwd: path, env: { XDG_DATA_HOME: path } });
    assert.equal(code, 78);
    assert.match(stderr, /--hosts .*temporal-ssh dev/);
  });
});
