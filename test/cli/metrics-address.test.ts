import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { SSH_HISTOGRAM_BUCKETS } from '../../worker';
import { freePort } from '../support/free-port';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startTemporal } from '../support/temporal';
import { hostsText } from './support/hosts-text';
import { runCli, startCli } from './support/run-cli';

it(
  'temporal-ssh worker --metrics-address serves the metrics, with buckets that fit',
  { timeout: 120_000 },
  async (t) => {
    const { address } = await startTemporal({ t });
    const hosts = makeScratch({ t }).write('hosts.json', hostsText({ web: await startSshd({ t }) }));
    const bindAddress = `127.0.0.1:${await freePort()}`;
    const env = { TEMPORAL_ADDRESS: address };
    const taskQueue = ['--task-queue', 'metrics'];
    const worker = startCli(['worker', '--hosts', hosts, ...taskQueue, '--metrics-address', bindAddress], { t, env });
    await worker.saw(/RUNNING/);
    const { code, stderr } = await runCli(['exec', ...taskQueue, 'web', '--', 'true'], { t, env });
    assert.equal(code, 0, stderr);
    const text = await (await fetch(`http://${bindAddress}/metrics`)).text();
    assert.match(text, /^temporal_ssh_attempts\{[^}]*outcome="success"[^}]*\} 1$/m);
    for (const limit of SSH_HISTOGRAM_BUCKETS.temporal_ssh_stage_duration) {
      assert.match(text, new RegExp(`^temporal_ssh_stage_duration_bucket\\{[^}]*le="${limit}"`, 'm'));
    }
    worker.signal('SIGTERM');
    assert.equal(await worker.exit, 0, worker.stderr());
  }
);

it('a metrics address that is wrong or in use is told before anything starts', { timeout: 60_000 }, async (t) => {
  for (const wrong of ['9464', 'localhost:9464', '::1:9464', '127.0.0.1:0', '127.0.0.1:70000', '[127.0.0.1]:9464']) {
    const { code, stderr } = await runCli(['worker', '--metrics-address', wrong], { t });
    assert.equal(code, 64, `${wrong}: ${stderr}`);
    assert.match(stderr, /Expected an IP address and a port/);
  }
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const hosts = makeScratch({ t }).write('hosts.json', '{"hosts":{}}');
  const { code, stderr } = await runCli(['worker', '--hosts', hosts, '--metrics-address', `127.0.0.1:${port}`], { t });
  assert.equal(code, 78, stderr);
  assert.match(stderr, new RegExp(`No metrics can be served at 127\\.0\\.0\\.1:${port}`));
});
