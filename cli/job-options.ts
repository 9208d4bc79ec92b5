import type { Command } from 'commander';
import { timeout } from './option-parsers';

/** What every command that goes to a host's jobs itself takes. */
export function withJobHostOptions(command: Command): Command {
  return command
    .option('--hosts <file>', 'the hosts file (else TEMPORAL_SSH_HOSTS, ./hosts.yaml, or that of `temporal-ssh dev`)')
    .option('--timeout <stage=duration>', 'the deadline of a stage, such as banner=120s; repeatable', timeout)
    .option('--become [user]', 'the jobs of this user, by sudo (root if none is named): last, or as --become=user');
}

/** The codes of the commands that go over SSH themselves. */
export const JOB_REQUEST_CODES =
  '64 usage, 75 temporary SSH failure, 76 terminal SSH failure (such as no such job), 78 configuration';
