import { Command } from 'commander';
import type { Duration } from '@temporalio/common';
import type { SshTimeouts } from '../contract';
import { executeCommand } from './execute-command';
import { duration, environment, exitCodes, timeout, wholeNumber } from './option-parsers';

/** What `temporal-ssh exec` was given. */
export interface ExecFlags {
  readonly taskQueue: string;
  readonly workflowId?: string;
  readonly deadline: Duration;
  readonly timeout?: SshTimeouts;
  readonly idempotent?: true;
  readonly once?: true;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly stdin?: true;
  readonly pty?: true;
  readonly okExitCodes?: number[];
  readonly maxOutputBytes: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** `temporal-ssh exec`. */
export function execCommand(): Command {
  return new Command('exec')
    .summary('run a command on a host, as a durable workflow')
    .description(
      'Runs the workflow sshCommand: one command on one host. Prints its output and exits with its exit code.\n' +
        'One argument after -- is a command line for the login shell of the host; several are quoted, each as it is.'
    )
    .argument('<host>', "the host's name in the hosts file of the workers")
    .argument('<command...>', 'the command, after --')
    .option('--task-queue <name>', 'the task queue of the workers', 'temporal-ssh')
    .option('--workflow-id <id>', 'the id of the workflow; a second start with the same id is refused while it runs')
    .option('--deadline <duration>', 'how long it may take in all, with every retry', duration, '10m' as Duration)
    .option('--timeout <stage=duration>', 'the deadline of a stage, such as banner=120s; repeatable', timeout)
    .option('--idempotent', 'the command may be sent again after any failure')
    .option('--once', 'run it as a job: a retry after any failure finds the first run; for /bin/sh')
    .option('--env <name=value>', 'an environment variable of the command, no secret; repeatable', environment)
    .option('--cwd <directory>', 'the directory in which the command runs')
    .option('--stdin', 'send what comes on the standard input')
    .option('--pty', 'ask for a pseudo-terminal')
    .option('--ok-exit-codes <codes>', 'exit codes that are no failure, such as 0,1', exitCodes)
    .option('--max-output-bytes <n>', 'how much of each output stream is kept', wholeNumber, 256 * 1024)
    .option('--json', 'print one JSON object with the result or the failure instead')
    .option('--quiet', 'do not tell of retries on stderr')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh exec web-1 -- uname -a
  $ temporal-ssh exec web-1 --timeout banner=120s -- 'systemctl is-active app && uptime'

Exit codes: the command's own; 128+n when signal n ended it; 64 usage, 69 Temporal or its workers unavailable,
75 temporary SSH failure, 76 terminal SSH failure, 78 configuration, 79 outcome unknown, 130 interrupted.`
    )
    .action(async (host: string, command: string[], flags: ExecFlags) => {
      process.exitCode = await executeCommand(host, command, flags);
    });
}
