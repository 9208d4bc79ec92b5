import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SshListHostsInput } from '../../contract';
import type { HostConfig, HostsSource } from '../../ssh/hosts';
import { makeScratch } from '../support/scratch';
import { failureOf } from './failure-of';
import { mockLooks } from './mock-look';

const hostKey = `SHA256:${'A'.repeat(43)}`;
const host = (labels: Readonly<Record<string, string>> = {}): HostConfig => ({
  address: '192.0.2.1',
  hostKey,
  labels,
});

const HOSTS = {
  defaults: { user: 'deploy', credential: { password: 'canary' }, labels: { site: 'a' } },
  hosts: {
    'web-10': host({ role: 'web', site: 'b' }),
    'web-2': host({ role: 'web' }),
    'web-1': host({ role: 'web' }),
    db: host({ role: 'db' }),
    spare: { address: '192.0.2.1', hostKey },
  },
} satisfies HostsSource;

const list = async (input?: SshListHostsInput, hosts: HostsSource = HOSTS): Promise<readonly string[]> =>
  (await mockLooks({ hosts })('sshListHosts', input).result).hosts.map(({ name }) => name);

void test('all hosts, in natural order, with their labels and nothing else', async () => {
  const { hosts } = await mockLooks({ hosts: HOSTS })('sshListHosts', undefined).result;
  assert.deepEqual(hosts, [
    { name: 'db', labels: { site: 'a', role: 'db' } },
    { name: 'spare', labels: { site: 'a' } },
    { name: 'web-1', labels: { site: 'a', role: 'web' } },
    { name: 'web-2', labels: { site: 'a', role: 'web' } },
    { name: 'web-10', labels: { site: 'b', role: 'web' } },
  ]);
});

void test('labels: all of them, each by one of its values', async () => {
  assert.deepEqual(await list({ labels: { role: 'web' } }), ['web-1', 'web-2', 'web-10']);
  assert.deepEqual(await list({ labels: { role: ['db', 'web'], site: 'a' } }), ['db', 'web-1', 'web-2']);
  assert.deepEqual(await list({ labels: { role: ['db', 'mail'] } }), ['db']);
  assert.deepEqual(await list({ labels: { role: 'mail' } }), [], 'a value that no host has');
  assert.deepEqual(await list({ labels: { toString: 'x' } }), [], 'a label that no host has');
});

void test('names: any of them; * stands for any characters, and nothing else is special', async () => {
  assert.deepEqual(await list({ names: ['web-*'] }), ['web-1', 'web-2', 'web-10']);
  assert.deepEqual(await list({ names: ['w*b-1*', 'db', 'd*'] }), ['db', 'web-1', 'web-10']);
  assert.deepEqual(await list({ names: ['*b*0'] }), ['web-10']);
  assert.deepEqual(await list({ names: ['web-*1*1', 'web-?*', '**web-1'] }), ['web-1']);
  assert.deepEqual(await list({ names: ['mail-*', 'w*b*b*'] }), []);
  assert.deepEqual(await list({ names: ['web-*'], labels: { site: 'b' } }), ['web-10'], 'those that have both');
});

void test('names that only zeros tell apart have one order', async () => {
  const hosts = { ...HOSTS, hosts: { 'n-01': host(), 'n-1': host(), 'N-1': host(), 'n-001': host() } };
  const found = await list({}, hosts);
  assert.deepEqual([...found].sort(), ['N-1', 'n-001', 'n-01', 'n-1']);
  const turned = { ...hosts, hosts: Object.fromEntries(Object.entries(hosts.hosts).reverse()) };
  assert.deepEqual(await list({}, turned), found);
});

void test('a whole name that is no host: SshUnknownHost, with the one that was meant', async () => {
  const failure = await failureOf(mockLooks({ hosts: HOSTS })('sshListHosts', { names: ['db', 'web2'] }).result);
  assert.deepEqual([failure.type, failure.nonRetryable, failure.details.host], ['SshUnknownHost', true, 'web2']);
  assert.match(failure.message, /Did you mean "web-2"\?/);
});

void test("hosts of OpenSSH's configuration are listed by their whole names only", async (t) => {
  const scratch = makeScratch({ t });
  const sshConfig = scratch.write('config', 'Host laptop web-1\n  HostName 192.0.2.7\n  User me\n');
  const hosts = { ...HOSTS, sshConfig };
  assert.equal((await list({}, hosts)).includes('laptop'), false);
  assert.deepEqual(await list({ names: ['l*'] }, hosts), []);
  assert.deepEqual(await list({ names: ['laptop', 'web-1'] }, hosts), ['laptop', 'web-1']);
});

void test('a function lists no hosts, but knows those that are named', async () => {
  const { user, credential } = HOSTS.defaults;
  const lookup = (name: string): HostConfig | undefined =>
    name.startsWith('web') ? { ...host({ role: 'web' }), user, credential } : undefined;
  const look = mockLooks({ hosts: lookup });
  for (const input of [{}, { labels: { role: 'web' } }, { names: ['web-*'] }]) {
    const failure = await failureOf(look('sshListHosts', input).result);
    assert.deepEqual([failure.type, failure.nonRetryable], ['SshConfigUnsupported', true]);
    assert.match(failure.message, /name the hosts/);
  }
  const hosts = [{ name: 'web-1', labels: { role: 'web' } }];
  assert.deepEqual(await look('sshListHosts', { names: ['web-1'] }).result, { hosts });
  assert.equal((await failureOf(look('sshListHosts', { names: ['db'] }).result)).type, 'SshUnknownHost');
});

void test('10,000 hosts: names only, in a result that Temporal takes; up to 1,000 with their labels', async () => {
  const named = (count: number, length: number, role = 'r'.repeat(1_000)): HostsSource => ({
    ...HOSTS,
    hosts: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`${'h'.repeat(length)}${index}`, host({ role })])
    ),
  });
  const { hosts } = await mockLooks({ hosts: named(10_000, 100) })('sshListHosts', {}).result;
  assert.equal(hosts.length, 10_000);
  assert.deepEqual(Object.keys(hosts[9_999] ?? {}), ['name']);
  const more = await mockLooks({ hosts: named(1_001, 1, 'web') })('sshListHosts', {}).result;
  assert.deepEqual(more.hosts[1_000], { name: 'h1000' });
  const fewer = await mockLooks({ hosts: named(1_000, 10) })('sshListHosts', {}).result;
  assert.equal(fewer.hosts[999]?.labels?.['role']?.length, 1_000);
  const failure = await failureOf(mockLooks({ hosts: named(10_000, 200) })('sshListHosts', {}).result);
  assert.equal(failure.type, 'SshConfigUnsupported');
  assert.match(failure.message, /10000 hosts match, more than a result can hold/);
});

void test('bad options: all at once', async () => {
  const input = { labels: { role: 5, zone: [] }, names: [], hosts: ['x'] } as unknown as SshListHostsInput;
  const failure = await failureOf(mockLooks({ hosts: HOSTS })('sshListHosts', input).result);
  assert.deepEqual([failure.type, failure.nonRetryable], ['SshInvalidOptions', true]);
  for (const option of ['labels.role', 'labels.zone', 'names', 'hosts'])
    assert.ok(failure.message.includes(`${option}: expected`), failure.message);
});
