// The demo: a release over SSH through a congested server, a worker that dies, and a failure that is undone.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { sshFailureOf } from '../../client';
import { startDevEnvironment } from '../../worker/dev';
import type { DevEnvironment } from '../../worker/dev';
import { dataDirectory } from '../../worker/dev-server';
import { startCongestedProxy } from './congested-proxy';
import { createSay, narrate, table } from './narrator';
import type { Say } from './narrator';
import { readSteps } from './step-history';
import { startWorkerProcess } from './worker-process';

const LIMIT_MS = 120_000;

async function main(keep: boolean): Promise<void> {
  const say = createSay();
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('Interrupted.')));
  const environment = await startDevEnvironment({
    dataDir: join(dataDirectory(), 'demo'),
    onProgress: say,
    signal: stop.signal,
  });
  try {
    say(`Temporal server at ${environment.address}, ${environment.source}`);
    if (environment.uiUrl !== undefined) say(`Web UI at ${environment.uiUrl}`);
    say(`SSH host at ${environment.host.address}:${environment.host.port}, made for this, without root`);
    await release(environment, say, stop.signal);
    if (keep && environment.uiUrl !== undefined) {
      say(`The Web UI stays at ${environment.uiUrl} until Ctrl-C.`);
      await delay(2 ** 31 - 1, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } finally {
    await environment.close();
  }
}

async function release(environment: DevEnvironment, say: Say, stop: AbortSignal): Promise<void> {
  const { address, namespace, host, uiUrl } = environment;
  const directory = await mkdtemp(join(tmpdir(), 'temporal-ssh-demo-'));
  // The origin of this project: no identification at first, then "Exceeded MaxStartups", then all is well.
  const proxy = await startCongestedProxy(host.port, ['silent', 'silent', 'busy'], (number, behaviour) => {
    if (behaviour === 'silent') say(`   (the server accepts connection ${number} and says nothing)`);
    if (behaviour === 'busy') say(`   (the server says "Exceeded MaxStartups" to connection ${number} and closes it)`);
  });
  const taskQueue = `demo-${randomUUID()}`;
  const hosts = join(directory, 'hosts.json');
  const local = { ...host.config, port: proxy.port };
  await writeFile(hosts, JSON.stringify({ hosts: { local } }));
  await writeFile(join(directory, 'version'), 'version-1\n');
  await writeFile(join(directory, 'state'), 'running\n');
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const workerArgs = [address, namespace, taskQueue, hosts];
  let worker = await startWorkerProcess(workerArgs);
  try {
    const handle = await client.workflow.start('demoRelease', {
      taskQueue,
      workflowId: `demo-release-${randomUUID()}`,
      args: [{ directory, version: 'version-2' }],
      workflowExecutionTimeout: LIMIT_MS,
      staticSummary: 'release of version-2',
    });
    if (uiUrl !== undefined) say(`Watch it: ${uiUrl}/namespaces/${namespace}/workflows/${handle.workflowId}`);
    const over = new AbortController();
    stop.addEventListener('abort', () => void handle.terminate('the demo was interrupted').catch(() => undefined));
    const narration = narrate(handle, say, over.signal);
    const failure = handle.result().then(
      () => undefined,
      (error: unknown) => error
    );
    // `race`: a workflow that ends too early must not leave the demo waiting for its step.
    if (await Promise.race([isInstalling(handle), failure.then(() => false)])) {
      say(`   (the worker, process ${worker.pid}, is killed in the middle of this step)`);
      await worker.kill();
      worker = await startWorkerProcess(workerArgs);
      say(`   (another worker, process ${worker.pid}, takes over)`);
    }
    const error = await failure;
    over.abort();
    await narration;
    stop.throwIfAborted();
    await conclude(handle, error, directory);
  } finally {
    await worker.stop();
    await connection.close();
    await proxy.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Waits until the command of the long step runs on the host, and the server knows it. */
async function isInstalling(handle: WorkflowHandle): Promise<boolean> {
  for (;;) {
    const { raw } = await handle.describe();
    for (const { heartbeatDetails } of raw.pendingActivities ?? []) {
      const data = heartbeatDetails?.payloads?.[0]?.data;
      const phase = data ? (JSON.parse(Buffer.from(data).toString('utf8')) as { phase?: string }).phase : undefined;
      const current = (await readSteps(handle)).at(-1)?.name ?? '';
      if (phase === 'run' && current.startsWith('install')) return true;
    }
    if (raw.workflowExecutionInfo?.closeTime) return false;
    await delay(200);
  }
}

async function conclude(handle: WorkflowHandle, error: unknown, directory: string): Promise<void> {
  const compensated = sshFailureOf(error);
  const began = sshFailureOf(compensated?.error.cause);
  const steps = await readSteps(handle);
  const file = async (name: string): Promise<string> => (await readFile(join(directory, name), 'utf8')).trim();
  const [state, version, log] = [await file('state'), await file('version'), await file('log')];
  process.stdout.write(
    `\n${table(steps)}\n\n` +
      `  The release failed with ${began?.type ?? String(error)} and was undone: the app is ${state}, at ${version}.\n` +
      `  What its host saw: ${log.replaceAll('\n', ', ')}\n\n`
  );
  const undone = steps.filter(({ name, state: end }) => name.startsWith('undo') && end === 'done').length;
  const failed = compensated?.type === 'SshCompensated' && began?.type === 'SshExitStatus';
  const asTold = failed && undone === 3 && state === 'running' && version === 'version-1';
  if (!asTold || !existsSync(join(directory, 'version.before')))
    throw new Error('This is not how the demo should end.');
}

main(process.argv.includes('--keep')).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
);
