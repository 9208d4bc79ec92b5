import { Command } from 'commander';
import { jobAttachCommand } from './job-attach-command';
import { jobCancelCommand } from './job-cancel-command';
import { jobCleanupCommand } from './job-cleanup-command';
import { jobListCommand } from './job-list-command';
import { jobLogsCommand } from './job-logs-command';
import { jobStartCommand } from './job-start-command';
import { jobStatusCommand } from './job-status-command';

/** `temporal-ssh job`. */
export function jobCommand(): Command {
  const command = new Command('job')
    .summary('commands that survive workers and connections: start, attach, status, logs, cancel, list, cleanup')
    .description(
      'A job runs on its host by itself, at most once for each id, and keeps its output and its end there.\n' +
        '`start` goes through Temporal; all others go over SSH from here, with the hosts file, like `check`.'
    )
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh job start web-1 --id backup-7 -- '/opt/backup --all'
  $ temporal-ssh job attach web-1 backup-7
  $ temporal-ssh job list web-1`
    );
  for (const each of [
    jobStartCommand(),
    jobAttachCommand(),
    jobStatusCommand(),
    jobLogsCommand(),
    jobCancelCommand(),
    jobListCommand(),
    jobCleanupCommand(),
  ]) {
    command.addCommand(each);
  }
  return command;
}
