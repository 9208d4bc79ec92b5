import { createHash, randomFillSync } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { sshFailureOf } from '../../contract';
import { startWorkerProcess } from '../e2e/worker-process';
import type { WorkerProcess } from '../e2e/worker-process';
import { seededRandom } from '../ssh/support/seeded-random';
import type { SeededRandom } from '../ssh/support/seeded-random';
import { startCuttingProxy } from '../support/cutting-proxy';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startTemporal } from '../support/temporal';
import type { Owned } from '../support/test-owner';

/** What {@link runTransfers} takes. */
export interface TransfersOptions extends Required<Owned> {
  readonly transfers: number;
  /** Sizes are from 1 byte to this, each order of magnitude as often as the others. */
  readonly largestBytes: number;
  /** A connection is cut after up to so many bytes. */
  readonly cutWithinBytes: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** What came of it. */
export interface TransfersReport {
  readonly cuts: number;
  readonly workersKilled: number;
  readonly serverRestarts: number;
  /** Files that are not what was sent, and part files that were left. */
  readonly bad: readonly string[];
  readonly bytes: number;
  /** Beyond the bytes of the files, as a share of them: what was sent again, and SSH's own. */
  readonly sentAgain: number;
  /** Transfers whose last attempt went on with what others had left. */
  readonly resumed: number;
}

// Each fault waits for so much to be done since the last one: none is timed.
const FILES_BETWEEN_FAULTS = 12;
const AT_ONCE = 6;

/** Files to a host and from it, by workflows, while connections are cut, workers are killed and the server is restarted. */
export async function runTransfers(options: TransfersOptions): Promise<TransfersReport> {
  const { t, transfers, seed, say } = options;
  const random = seededRandom(seed);
  const scratch = makeScratch({ t });
  const [out, into, far] = ['out', 'in', 'far'].map((name) => join(scratch.path, name)) as [string, string, string];
  for (const directory of [out, into, far]) mkdirSync(directory);
  const files = plan(options, random).map((file) => {
    const content = makeContent(file.bytes, random);
    writeFileSync(join(file.direction === 'up' ? out : far, file.name), content);
    return { ...file, sha256: createHash('sha256').update(content).digest('hex') };
  });
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  say(`${transfers} files of ${total} bytes in all, seed ${seed}`);

  const sshd = await startSshd({ t, env: { HOME: '/nonexistent' } });
  const proxy = await startCuttingProxy({ t }, sshd, () => ({
    direction: random.pick(['up', 'down']),
    after: 1 + random.below(options.cutWithinBytes),
    how: random.pick(['fin', 'rst']),
  }));
  const temporal = await startTemporal({ t });
  const taskQueue = temporal.taskQueue('transfers');
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows/fixtures/transfers'),
    logger: new DefaultLogger('ERROR'),
  });
  const box = {
    ...{ address: proxy.address, port: proxy.port, user: sshd.user, credential: 'key', hostKey: sshd.hostFingerprint },
  };
  const hosts = { credentials: { key: { privateKeyFile: sshd.clientKeyFile } }, hosts: { box } };
  const startWorker = async (): Promise<WorkerProcess> =>
    startWorkerProcess(
      {
        ...{ address: temporal.address, taskQueue, codePath: scratch.write('workflows.js', code) },
        hosts: scratch.write('hosts.json', JSON.stringify(hosts)),
        files: { roots: { out, in: { path: into, access: 'write' } } },
        // Cuts are many here, and no sign of a host that is to be left alone.
        pool: { coolDown: '50ms', maxCoolDown: '200ms' },
      },
      { t }
    );
  const workers = [await startWorker(), await startWorker()];

  const counts = { workersKilled: 0, serverRestarts: 0, resumed: 0 };
  const bad: string[] = [];
  let [next, faultAt] = [0, FILES_BETWEEN_FAULTS];
  const fault = async (): Promise<void> => {
    if (random.below(2) === 0) {
      const index = random.below(workers.length);
      await workers[index]?.kill();
      workers[index] = await startWorker();
      counts.workersKilled += 1;
    } else {
      await sshd.restart();
      counts.serverRestarts += 1;
    }
  };
  const run = async (): Promise<void> => {
    for (let file = files[next++]; file; file = files[next++]) {
      const { name, direction, sha256 } = file;
      const handle = await temporal.client.workflow.start('transfer', {
        ...{ taskQueue, workflowId: `transfer-${name}`, workflowExecutionTimeout: '10m' },
        args: [direction, name, far],
      });
      try {
        const result = (await handle.result()) as { readonly resumedFrom: number; readonly sha256: string };
        if (result.resumedFrom > 0) counts.resumed += 1;
        const arrived = readFileSync(join(direction === 'up' ? far : into, name));
        const is = createHash('sha256').update(arrived).digest('hex');
        if (is !== sha256 || result.sha256 !== sha256) bad.push(`${name}: ${arrived.length} bytes with ${is}`);
      } catch (error) {
        const failure = sshFailureOf(error);
        bad.push(`${name}: ${failure ? `${failure.type}: ${failure.message}` : String(error)}`);
      }
    }
  };
  const faults = (async () => {
    while (next <= files.length) {
      if (next >= faultAt) {
        faultAt += FILES_BETWEEN_FAULTS;
        await fault();
      }
      await delay(50);
    }
  })();
  await Promise.all([...Array.from({ length: AT_ONCE }, run), faults]);
  await Promise.all(workers.map(async (worker) => worker.stop()));
  for (const directory of [far, into]) {
    bad.push(
      ...readdirSync(directory)
        .filter((name) => name.endsWith('.part'))
        .map((name) => `left: ${name}`)
    );
  }
  const { up, down } = proxy.passed;
  return { ...counts, cuts: proxy.cuts, bad, bytes: total, sentAgain: (up + down - total) / total };
}

interface PlannedFile {
  readonly name: string;
  readonly direction: 'up' | 'down';
  readonly bytes: number;
}

function plan({ transfers, largestBytes }: TransfersOptions, random: SeededRandom): readonly PlannedFile[] {
  return Array.from({ length: transfers }, (_, index) => ({
    name: `file-${index}`,
    direction: random.pick(['up', 'down']),
    // The ends of the range are among them.
    bytes: index === 0 ? 1 : index === 1 ? largestBytes : Math.ceil(largestBytes ** (random.below(1_000) / 1_000)),
  }));
}

/** Content that is different throughout: a block that is at another place is found. */
function makeContent(bytes: number, random: SeededRandom): Buffer {
  const content = Buffer.allocUnsafe(bytes);
  randomFillSync(content);
  if (bytes > 8) content.writeUInt32BE(random.below(2 ** 32), 0);
  return content;
}
