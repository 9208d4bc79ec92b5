import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { SshProgress, SshRollout, SshRunbookStep } from '../../contract';
import { startSshd } from '../../test/support/sshd';
import { startTemporal } from '../../test/support/temporal';
import { SshPlugin } from '../../worker';

/*
 * node rollout-main.js HOSTS AT_ONCE GATE, in a network namespace of its own: one sshd there is so many hosts, each at an
 * address of its own. Prints what it measured as JSON.
 */

// The namespace has no other server.
const PORT = 2_222;

interface Sizes {
  readonly events: number;
  readonly bytes: number;
}

const bigger = (a: Sizes, b: Sizes): Sizes => ({
  events: Math.max(a.events, b.events),
  bytes: Math.max(a.bytes, b.bytes),
});

async function main(count: number, atOnce: number, gate: boolean): Promise<void> {
  spawnSync('ip', ['link', 'set', 'lo', 'up']);
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const temporal = await startTemporal({ durable: true });
  const config = [`ListenAddress 0.0.0.0:${PORT}`, 'MaxStartups 500', 'MaxSessions 100'];
  const sshd = await startSshd({ account: { shell: '/bin/sh' }, config });
  const directory = join(sshd.directory, 'fleet');
  mkdirSync(directory);
  const credential = { privateKeyFile: sshd.clientKeyFile };
  const hosts = Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const address = `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`;
      return [`web-${index}`, { address, port: PORT, user: sshd.user, credential, hostKey: sshd.hostFingerprint }];
    })
  );
  const exec = (name: string, command: string): SshRunbookStep => ({ name, exec: command, idempotent: true });
  const rollout: SshRollout = {
    name: 'bench',
    hosts: Object.keys(hosts),
    drain: [exec('drain', 'true')],
    change: [{ ...exec('change', `set -- $SSH_CONNECTION; echo x >>${directory}/$3`), undo: { exec: 'true' } }],
    check: [{ name: 'check', healthy: 'true' }],
    restore: [exec('restore', 'true')],
    canary: 5,
    batch: '25%',
    maxUnavailable: atOnce,
  };
  const taskQueue = temporal.taskQueue();
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    taskQueue,
    workflowsPath: require.resolve('../../workflows/ready-made'),
    maxConcurrentActivityTaskExecutions: 100,
    plugins: [new SshPlugin({ hosts: { hosts }, pool: { idle: '5s' } })],
  });
  const { client } = temporal;
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 250);
  const watch = setInterval(() => {
    void client.workflow
      .getHandle('bench')
      .query<SshProgress>('progress')
      .then(
        ({ counts, state }) => console.error(state, JSON.stringify(counts)),
        (error: unknown) => console.error(String(error))
      );
  }, 10_000);
  const before = process.memoryUsage().rss;
  const startedAt = performance.now();
  const progress = await worker.runUntil(async () => {
    const args = [rollout, { gate }];
    const result: unknown = await client.workflow.execute('sshRollout', { taskQueue, args, workflowId: 'bench' });
    return result as SshProgress;
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  clearInterval(timer);
  clearInterval(watch);
  const largest: Record<string, Sizes> = {};
  for await (const execution of client.workflow.list()) {
    const { historyLength: events, historySize: bytes = 0, type } = execution;
    largest[type] = bigger(largest[type] ?? { events: 0, bytes: 0 }, { events, bytes });
  }
  const { counts, state } = progress;
  console.log(
    JSON.stringify({
      ...{ hosts: count, atOnce, gate, state, succeeded: counts?.succeeded, seconds: Math.round(seconds) },
      // Each host has a file of its own, with a line for each change.
      changedOnce: readdirSync(directory).filter((file) => readFileSync(join(directory, file), 'utf8') === 'x\n')
        .length,
      ...{ memoryBeforeMb: Math.round(before / 2 ** 20), memoryPeakMb: Math.round(peak / 2 ** 20) },
      largest,
    })
  );
  await sshd.stop();
  await temporal.stop();
  await Runtime.instance().shutdown();
}

const [hosts = '2000', atOnce = '50', gate = 'true'] = process.argv.slice(2);
main(Number(hosts), Number(atOnce), gate === 'true').then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  }
);
