// A rolling release over six hosts, by the ready-made workflow sshRollout: one that succeeds, and one that is rolled back.
import type { SshRunOutcome } from '../../client';
import type { ExampleHost } from '../ground/example-host';
import { followRun } from '../ground/follow-run';
import { expect, onGround, runExample } from '../ground/ground';
import type { Ground } from '../ground/ground';
import { table } from '../ground/table';
import { releaseOf } from './release-of';

async function main(): Promise<void> {
  const hosts = releaseOf('').hosts as readonly string[];
  await onGround({ hosts, workflowsPath: require.resolve('../../workflows/ready-made') }, async (ground) => {
    for (const host of ground.hosts) {
      host.write('current', 'v1\n');
      host.write('service', 'in\n');
      // What web-4 lacks for v3, nobody knows yet.
      host.write('refuses', host.name === 'web-4' ? 'v3\n' : '');
    }
    await good(ground);
    await bad(ground);
  });
}

async function good(ground: Ground): Promise<void> {
  const { progress, failure } = await release(ground, 'v2');
  expect(`v2 fails: ${failure?.message}`, failure === undefined);
  expect('v2 is not on all hosts', progress?.counts?.succeeded === 6 && isAt(ground.hosts, 'v2'));
  for (const { name, lines } of ground.hosts) {
    expect(`${name} did something else`, lines('log').join() === 'drain,install v2,restore');
  }
  ground.say('v2 is on all hosts');
}

async function bad(ground: Ground): Promise<void> {
  const { end, failure, compensation } = await release(ground, 'v3');
  expect(`v3 ends with ${failure?.type}`, end === 'undone');
  const [first, ...others] = compensation?.undone ?? [];
  // Two at a time, so that two of one batch may end in either order.
  expect('other hosts are undone', first === 'web-4' && others.sort().join() === 'web-1,web-2,web-3,web-5');
  expect('a host is not back at v2, or not in service', isAt(ground.hosts, 'v2'));
  expect('the last batch was begun', ground.host('web-6').lines('log').length === 3);
  ground.say(`v3 is on no host. Undone, in this order: ${compensation?.undone.join(', ')}`);
}

async function release(ground: Ground, version: string): Promise<SshRunOutcome> {
  const { say, client, hosts } = ground;
  say(`-> release of ${version}`);
  const before = new Map(hosts.map(({ name, lines }) => [name, lines('log').length]));
  const handle = await ground.start('sshRollout', [releaseOf(version)]);
  const end = await followRun(client, handle, say);
  const rows = hosts.map(({ name, lines }) => {
    const done = lines('log').slice(before.get(name));
    return [name, lines('current').join(), lines('service').join(), done.join(', ') || 'nothing'];
  });
  process.stdout.write(`${table([['host', 'version', 'service', 'what was done there'], ...rows])}\n`);
  return end;
}

function isAt(hosts: readonly ExampleHost[], version: string): boolean {
  return hosts.every(({ lines }) => lines('current').join() === version && lines('service').join() === 'in');
}

runExample(main);
