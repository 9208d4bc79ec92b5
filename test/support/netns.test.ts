import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeNetns, netnsSkipReason } from './netns';

const skip = netnsSkipReason();

function inside(command: readonly [string, ...string[]]): string {
  const [file, ...args] = command;
  return execFileSync(file, args, { encoding: 'utf8' });
}

const names = (): readonly string[] => (existsSync('/run/netns') ? readdirSync('/run/netns') : []);

void test('a namespace has its own address and files, and is gone afterwards', { skip }, async (t) => {
  let made = '';
  await t.test('there', async (t) => {
    const netns = await makeNetns({ t, etc: { 'resolv.conf': 'nameserver 127.0.0.1\n' } });
    made = netns.name;
    assert.equal(inside(netns.command('cat', '/etc/resolv.conf')), 'nameserver 127.0.0.1\n');
    assert.match(inside(netns.command('ip', '-4', '-brief', 'address')), new RegExp(netns.address));
    const other = await makeNetns({ t });
    assert.notEqual(other.hostAddress, netns.hostAddress);
  });
  assert.ok(!names().includes(made));
  assert.ok(!existsSync(join('/etc/netns', made)));
});

void test('what a killed process has left is removed by the next', { skip }, async (t) => {
  const source = `
    const { makeNetns } = require(${JSON.stringify(join(__dirname, 'netns.js'))});
    makeNetns({ t: { after: () => undefined }, etc: { 'resolv.conf': '' } }).then(({ name }) => {
      console.log(name);
      setInterval(() => undefined, 1000);
    });
  `;
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const name = line.toString().trim();
  await makeNetns({ t });
  assert.ok(names().includes(name), 'a living process keeps its own');
  child.kill('SIGKILL');
  await once(child, 'close');
  await makeNetns({ t });
  assert.ok(!names().includes(name));
  assert.ok(!existsSync(join('/etc/netns', name)));
  assert.doesNotMatch(execFileSync('ip', ['-brief', 'link'], { encoding: 'utf8' }), new RegExp(name.slice(-8)));
});
