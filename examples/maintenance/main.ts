// Nightly maintenance of three hosts, by the ready-made workflow sshMaintenance; one of them needs a reboot.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { SshMaintenance } from '../../contract';
import { followRun } from '../ground/follow-run';
import { expect, onGround, runExample } from '../ground/ground';
import type { Ground } from '../ground/ground';
import { canReboot } from '../ground/server-process';
import { table } from '../ground/table';

// Beside the source, also for what tsc wrote to lib/.
const FILE = join(__dirname, '..', '..', '..', 'examples', 'maintenance', 'maintenance.yaml');

async function main(): Promise<void> {
  const reboots = canReboot();
  const nightly = parse(readFileSync(FILE, 'utf8')) as SshMaintenance;
  const hosts = nightly.hosts as readonly string[];
  const workflowsPath = require.resolve('../../workflows/ready-made');
  await onGround({ hosts, reboots, workflowsPath }, async (ground) => {
    for (const host of ground.hosts) host.write('service', 'in\n');
    if (reboots) {
      ground.say('each host has processes and a boot id of its own; its reboot ends all of them');
      ground.host('db-2').write('new-kernel', '');
      await maintain(ground, nightly, ['drain', 'vacuum', 'reboot', 'restore']);
    } else {
      ground.say('no reboot here: only root on Linux, where it may make namespaces, can give a host a boot of its own');
      const { reboot: _reboot, verify: _verify, ...others } = nightly;
      await maintain(ground, others, ['drain', 'vacuum', 'restore']);
    }
  });
}

async function maintain(ground: Ground, nightly: SshMaintenance, onDb2: readonly string[]): Promise<void> {
  const { say, client, hosts } = ground;
  const handle = await ground.start('sshMaintenance', [nightly]);
  say(`-> ${nightly.name}: ${nightly.description}; the window opens in ${String(nightly.window?.notBefore)}`);
  const { progress, failure } = await followRun(client, handle, say);
  const rows = hosts.map(({ name, boots, lines }) => [
    name,
    lines('service').join(),
    String(boots),
    lines('log').join(', '),
  ]);
  process.stdout.write(`${table([['host', 'service', 'boots', 'what was done there'], ...rows])}\n`);
  expect(`it fails: ${failure?.message}`, failure === undefined);
  expect('not every host is done', progress?.counts?.succeeded === hosts.length);
  for (const { name, boots, lines } of hosts) {
    const done = name === 'db-2' ? onDb2 : ['drain', 'vacuum', 'restore'];
    expect(`${name} did something else`, lines('log').join() === done.join());
    expect(`${name} is not in service`, lines('service').join() === 'in');
    expect(`${name} has booted ${boots} times`, boots === (done.includes('reboot') ? 2 : 1));
  }
  say('all hosts are maintained, and in service');
}

runExample(main);
