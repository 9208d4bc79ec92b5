import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Duration } from '@temporalio/common';
import type { LogLevel } from '@temporalio/worker';
import type { SshFilesOptions } from '../worker';
import { connectConfig } from './connect-client';
import { hostsPath } from './hosts-path';
import { installRuntime } from './install-runtime';
import { duration, fileRoot, socketAddress, wholeNumber } from './option-parsers';
import { runWorker } from './run-worker';
import { waitForSignal } from './wait-for-signal';
import { LOG_LEVELS } from './worker-log';
import type { LogFormat } from './worker-log';

interface WorkerFlags {
  readonly hosts?: string;
  readonly taskQueue: string;
  readonly workflows?: string;
  readonly concurrency?: number;
  readonly shutdownGrace: Duration;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
  readonly metricsAddress?: string;
  readonly root?: NonNullable<SshFilesOptions['roots']>;
}

/** `temporal-ssh worker`. */
export function workerCommand(): Command {
  return new Command('worker')
    .summary('run a worker with the SSH activities and the ready-made workflows')
    .description(
      'Runs a worker until it is told to stop. The hosts file and its credentials are checked before it starts.'
    )
    .option('--hosts <file>', 'the hosts file (else TEMPORAL_SSH_HOSTS, ./hosts.yaml, or that of `temporal-ssh dev`)')
    .option('--task-queue <name>', 'the task queue to serve', 'temporal-ssh')
    .option('--workflows <file>', 'your own workflow file, which re-exports the ready-made workflows that you want')
    .option(
      '--root <name=path[:rw]>',
      'a directory from which uploads may read, with :rw also for downloads; repeatable',
      fileRoot
    )
    .option('--concurrency <n>', 'how many steps run at once (default: 100)', wholeNumber)
    .option(
      '--shutdown-grace <duration>',
      'how long steps may go on after Ctrl-C or SIGTERM',
      duration,
      '10s' as Duration
    )
    .addOption(
      new Option('--log-format <format>', 'the format of the log on stderr').choices(['text', 'json']).default('text')
    )
    .addOption(
      new Option('--log-level <level>', 'the least level that is logged').choices([...LOG_LEVELS]).default('INFO')
    )
    .option(
      '--metrics-address <address:port>',
      'serve metrics for Prometheus there, under /metrics, to whoever can reach it',
      socketAddress
    )
    .addHelpText(
      'after',
      `
Example:
  $ temporal-ssh worker --hosts hosts.yaml --task-queue zone-a

The Temporal server is the one that TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other variables and profiles of the
temporal command name. Ctrl-C lets running steps end; a second one ends the process at once.`
    )
    .action(async (flags: WorkerFlags) => {
      const hosts = hostsPath(flags.hosts);
      installRuntime(flags);
      const { connectionOptions, namespace } = connectConfig();
      const running = await runWorker(connectionOptions, {
        hosts,
        taskQueue: flags.taskQueue,
        shutdownGraceTime: flags.shutdownGrace,
        ...(namespace !== undefined && { namespace }),
        ...(flags.workflows !== undefined && { workflowsPath: resolve(flags.workflows) }),
        ...(flags.root && { files: { roots: flags.root } }),
        ...(flags.concurrency !== undefined && { maxConcurrentSteps: flags.concurrency }),
      });
      const { signalled, release } = waitForSignal((signal) => {
        process.stderr.write(`${signal}: the worker takes no more steps and waits for those that run.\n`);
      });
      await Promise.race([signalled, running.ended]);
      await running.stop();
      release();
    });
}
