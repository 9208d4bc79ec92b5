import { Command } from 'commander';
import type { Duration } from '@temporalio/common';
import type { JobHostFlags } from './job-host';
import { duration, environment, wholeNumber } from './option-parsers';
import { withJobHostOptions } from './job-options';
import { startJob } from './start-job';

/** What `temporal-ssh job start` was given. */
export interface JobStartFlags extends JobHostFlags {
  readonly taskQueue: string;
  readonly id?: string;
  readonly deadline?: Duration;
  readonly lease?: Duration;
  readonly maxLogBytes?: number;
  readonly shell?: string;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly nice?: number;
  readonly poll?: true | Duration;
  readonly keep?: true;
  readonly detach?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** `temporal-ssh job start`. */
export function jobStartCommand(): Command {
  const command = new Command('start')
    .summary('start a job as a durable workflow, and show its output as it comes')
    .description(
      'Starts the workflow sshJobRun: the job runs at most once for each id, and ends on its host by itself. Its output is\n' +
        'then read from here over SSH where there is a hosts file; else the end is waited for. Ctrl-C leaves the job running.'
    )
    .argument('<host>', "the host's name in the hosts file of the workers")
    .argument('<command...>', 'the command for /bin/sh, after --; several words are quoted, each as it is');
  return withJobHostOptions(command)
    .option('--task-queue <name>', 'the task queue of the workers', 'temporal-ssh')
    .option('--id <id>', 'the id of the job and of its workflow; the same id finds the first run', undefined)
    .option('--deadline <duration>', 'the host ends the job after so long', duration)
    .option('--lease <duration>', 'the host ends the job when nobody has asked for it for so long', duration)
    .option('--max-log-bytes <n>', 'the host ends the job when a stream is longer', wholeNumber)
    .option('--shell <program>', 'what runs the command instead of /bin/sh')
    .option('--env <name=value>', 'an environment variable of the job, no secret; repeatable', environment)
    .option('--cwd <directory>', 'the directory in which the job runs')
    .option('--nice <n>', 'how nice it is to others, from 0 to 19', wholeNumber)
    .option('--poll [interval]', 'the worker looks now and then instead of staying connected', pollInterval)
    .option('--keep', 'keep its output on the host after a success')
    .option('--detach', 'do not wait: print the id and leave')
    .option('--json', 'with --detach: print the ids as JSON')
    .option('--quiet', 'do not tell of lost connections on stderr')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh job start web-1 --id backup-7 --deadline 6h -- '/opt/backup --all'
  $ temporal-ssh job start web-1 --detach -- make install

Exit codes: the job's own; 128+n when signal n ended it; 64 usage, 69 Temporal unavailable, 75 temporary SSH failure,
76 terminal SSH failure, 78 configuration, 79 nobody knows how it ended, 130 Ctrl-C.`
    )
    .action(async (host: string, words: string[], flags: JobStartFlags) => {
      process.exitCode = await startJob(host, words, flags);
    });
}

function pollInterval(value: string): Duration {
  return duration(value);
}
