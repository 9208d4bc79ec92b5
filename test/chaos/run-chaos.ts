import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sshFailureOf } from '../../contract';
import type { SshJobResult } from '../../contract';
import { startWorkerProcess } from '../e2e/worker-process';
import type { WorkerProcess } from '../e2e/worker-process';
import { startProxy } from '../support/proxy';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startTemporal } from '../support/temporal';
import type { Owned } from '../support/test-owner';
import { seededRandom } from '../ssh/support/seeded-random';
import { chaosJob, faultsOf } from './chaos-job';
import type { ChaosJob, SeenEnd } from './chaos-job';

/** What {@link runChaos} takes. */
export interface ChaosOptions extends Required<Owned> {
  readonly seconds: number;
  readonly jobs: number;
  readonly seed: number;
  /** Between two faults. @default 2000 */
  readonly everyMs?: number;
  readonly say: (line: string) => void;
}

/** What came of it. */
export interface ChaosReport {
  /** How often each fault was done. */
  readonly faults: Readonly<Record<string, number>>;
  /** Jobs that are not as they must be, with what is wrong. */
  readonly bad: readonly string[];
}

const SSHD_DOWN_MS = 5_000;

/**
 * Jobs on a real host, by workflows on a real Temporal server, while every few seconds a random one of these happens: a
 * worker is killed, the Temporal server is killed and started again, all connections are cut, sshd is down for 5 s.
 */
export async function runChaos({ t, seconds, jobs, seed, everyMs = 2_000, say }: ChaosOptions): Promise<ChaosReport> {
  const random = seededRandom(seed);
  const scratch = makeScratch({ t });
  const directory = join(scratch.path, 'work');
  const jobDirectory = join(scratch.path, 'jobs');
  mkdirSync(directory);
  const sshd = await startSshd({ t });
  const proxy = await startProxy({ t, target: sshd });
  const temporal = await startTemporal({ t, durable: true });
  const taskQueue = temporal.taskQueue('chaos');
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows/ready-made'),
    logger: new DefaultLogger('ERROR'),
  });
  const codePath = scratch.write('workflows.js', code);
  const hosts = scratch.write(
    'hosts.json',
    JSON.stringify({
      credentials: { key: { privateKeyFile: sshd.clientKeyFile } },
      hosts: {
        box: {
          ...{ address: proxy.address, port: proxy.port, user: sshd.user, credential: 'key' },
          ...{ hostKey: sshd.hostFingerprint, jobDirectory },
        },
      },
    })
  );
  const startWorker = async (): Promise<WorkerProcess> =>
    startWorkerProcess({ address: temporal.address, taskQueue, codePath, hosts });
  const workers = [await startWorker(), await startWorker()];
  let over = false;
  t.after(async () => {
    await Promise.all(workers.map(async (worker) => worker.kill()));
  });

  const planned = Array.from({ length: jobs }, (_, index) =>
    chaosJob(index, directory, seconds * (0.3 + random.below(70) / 100))
  );
  const handles = await Promise.all(
    planned.map(async (job) =>
      temporal.client.workflow.start('sshJobRun', { taskQueue, workflowId: job.id, args: [inputOf(job)] })
    )
  );
  say(`${jobs} jobs, ${seconds} s, seed ${seed}`);

  const actions: Readonly<Record<string, () => Promise<void>>> = {
    'worker killed': async () => {
      const index = random.below(workers.length);
      await workers[index]?.kill();
      workers[index] = await startWorker();
    },
    'Temporal restarted': async () => temporal.restart(),
    'connections cut': async () => {
      proxy.rst();
      return Promise.resolve();
    },
    'sshd down': async () => {
      await sshd.stop({ sessions: 'keep' });
      await delay(SSHD_DOWN_MS);
      await sshd.restart({ sessions: 'keep' });
    },
  };
  const faults: Record<string, number> = Object.fromEntries(Object.keys(actions).map((name) => [name, 0]));
  const names = Object.keys(actions);
  const running = (async () => {
    const endAt = performance.now() + seconds * 1_000;
    while (!over && performance.now() < endAt) {
      await delay(everyMs);
      const name = names[random.below(names.length)] ?? '';
      await actions[name]?.();
      faults[name] = (faults[name] ?? 0) + 1;
    }
  })();
  try {
    await running;
    say(`faults done: ${JSON.stringify(faults)}`);
    const ends = await Promise.all(handles.map(async (handle) => endOf(handle)));
    const bad = planned.flatMap((job, index) => {
      const wrong = faultsOf(job, index, ends[index] as SeenEnd, directory, jobDirectory);
      return wrong.length === 0 ? [] : [`${job.id} (${job.follow}): ${wrong.join('; ')}`];
    });
    return { faults, bad };
  } finally {
    over = true;
    await running.catch(() => undefined);
  }
}

function inputOf({ id, command, follow }: ChaosJob): object {
  return {
    ...{ host: 'box', id, command, follow, cleanup: 'never' },
    ...(follow === 'poll' && { pollInterval: '3s' }),
    heartbeatTimeout: '10s',
    retry: { initialInterval: '1s', maximumInterval: '5s' },
  };
}

/** The end as the workflow tells it; a server that is away is asked again. */
async function endOf(handle: WorkflowHandle): Promise<SeenEnd> {
  for (let tries = 0; ; tries += 1) {
    try {
      const result = (await handle.result()) as SshJobResult;
      return { end: String(result.exitCode), stdout: result.stdoutSha256, stderr: result.stderrSha256 };
    } catch (error) {
      const failure = sshFailureOf(error);
      const details = failure?.details as Partial<SshJobResult> | undefined;
      if (failure?.type === 'SshExitStatus' || failure?.type === 'SshExitSignal') {
        const end = details?.signal ?? String(details?.exitCode);
        return { end, stdout: details?.stdoutSha256, stderr: details?.stderrSha256 };
      }
      if (failure || error instanceof WorkflowFailedError || tries === 20) {
        return { end: failure ? `${failure.type}: ${failure.message}` : String(error), stdout: null, stderr: null };
      }
      await delay(500);
    }
  }
}
