import { resolve } from 'node:path';
import { Command } from 'commander';
import { startDevEnvironment } from '../worker/dev';
import type { DevEnvironment } from '../worker/dev';
import { argument } from './answer-command';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';
import { installRuntime } from './install-runtime';
import { socketAddress, wholeNumber } from './option-parsers';
import { runWorker } from './run-worker';
import { waitForSignal } from './wait-for-signal';

const DEFAULT_TASK_QUEUE = 'temporal-ssh';

interface DevFlags {
  readonly port: number;
  readonly uiPort: number;
  readonly dataDir?: string;
  readonly taskQueue: string;
  readonly metricsAddress?: string;
}

/** `temporal-ssh dev`. */
export function devCommand(): Command {
  return new Command('dev')
    .summary('start everything that is needed to try it: a Temporal server, a worker, an SSH host')
    .description(
      'Starts a Temporal dev server with its Web UI, an SSH host `local` on loopback that runs commands as you, and a\n' +
        'worker, until Ctrl-C. The server keeps its data, so that workflows go on at the next start.'
    )
    .option('--port <port>', 'port of the Temporal server; the next free one if it is in use', wholeNumber, 7233)
    .option('--ui-port <port>', 'port of the Web UI; the next free one if it is in use', wholeNumber, 8233)
    .option('--data-dir <directory>', 'where data and keys are kept (default: ~/.local/share/temporal-ssh)')
    .option('--task-queue <name>', 'the task queue to serve', DEFAULT_TASK_QUEUE)
    .option('--metrics-address <address:port>', 'serve metrics for Prometheus there, under /metrics', socketAddress)
    .addHelpText(
      'after',
      `
Example:
  $ temporal-ssh dev
  $ temporal-ssh exec local -- uname -a        (in another terminal)

A server that TEMPORAL_ADDRESS or a configuration profile names is used instead of one of its own. Else the server is
TEMPORAL_CLI_PATH, \`temporal\` on the PATH, a cached one, one that is downloaded, or one that is built with go install.`
    )
    .action(async (flags: DevFlags) => {
      const starting = new AbortController();
      const { signalled, release } = waitForSignal(() => {
        process.stderr.write('\nStopping; once more to leave at once.\n');
        starting.abort();
      });
      try {
        await run(flags, starting.signal, signalled);
      } catch (error) {
        if (!starting.signal.aborted) throw error;
        process.exitCode = EXIT.interrupted;
      } finally {
        release();
      }
    });
}

async function run(flags: DevFlags, signal: AbortSignal, signalled: Promise<void>): Promise<void> {
  installRuntime({ logFormat: 'text', logLevel: 'WARN', metricsAddress: flags.metricsAddress });
  const environment = await startDevEnvironment({
    port: flags.port,
    uiPort: flags.uiPort,
    ...(flags.dataDir !== undefined && { dataDir: flags.dataDir }),
    onProgress: (message) => process.stderr.write(`${message}\n`),
    signal,
  });
  // Steps end first, then the host on which they run, then the server that keeps their state.
  try {
    const running = await runWorker(
      { address: environment.address },
      { hosts: environment.host.hostsFile, taskQueue: flags.taskQueue, namespace: environment.namespace }
    );
    try {
      process.stdout.write(welcome(environment, flags));
      await Promise.race([
        signalled,
        running.ended,
        environment.serverExited.then(() => {
          throw new CliError('The Temporal server ended by itself.', EXIT.unavailable);
        }),
      ]);
    } finally {
      await running.stop();
    }
  } finally {
    await environment.close();
  }
}

function welcome(environment: DevEnvironment, { port, taskQueue, dataDir }: DevFlags): string {
  const { address, uiUrl, host, source, ownServer } = environment;
  const usual = !ownServer || (address.endsWith(`:${port}`) && port === 7233);
  // Without, the commands would find a hosts file of this directory, or none.
  const hosts = dataDir === undefined ? '' : ` --hosts ${argument(resolve(host.hostsFile))}`;
  const queue = taskQueue === DEFAULT_TASK_QUEUE ? '' : ` --task-queue ${argument(taskQueue)}`;
  const prefix = usual ? '' : `TEMPORAL_ADDRESS=${address} `;
  return [
    '',
    `  Temporal server  ${address}  ${source}`,
    ...(uiUrl === undefined ? [] : [`  Web UI           ${uiUrl}`]),
    `  Worker           task queue ${taskQueue}`,
    `  SSH host         local (${host.address}:${host.port}), commands run as ${host.user}`,
    `  Hosts file       ${host.hostsFile}`,
    '',
    '  In another terminal:',
    `    ${prefix}npx temporal-ssh exec local${queue} -- uname -a`,
    `    npx temporal-ssh check local${hosts}`,
    '',
    '  Ctrl-C ends it all.',
    '',
    '',
  ].join('\n');
}
