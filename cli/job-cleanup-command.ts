import { Command } from 'commander';
import { SshError } from '../ssh/ssh-error';
import { EXIT } from './exit-codes';
import { jobRequest } from './job-exit-code';
import { becomeOf, checkReference, withJobHost } from './job-host';
import type { JobHost, JobHostFlags } from './job-host';
import { JOB_REQUEST_CODES, withJobHostOptions } from './job-options';

interface Outcome {
  readonly removed: readonly string[];
  readonly kept: readonly { readonly id: string; readonly type: string; readonly message: string }[];
}

/** `temporal-ssh job cleanup`. */
export function jobCleanupCommand(): Command {
  const command = new Command('cleanup')
    .summary('remove jobs that have ended, with their output')
    .description(
      'Removes the directories of jobs that have ended. How each ended stays known for a time, and its id is not free:\n' +
        'a start under it runs nothing.'
    )
    .argument('<host>', "the host's name in the hosts file")
    .argument('<id...>', 'the ids of the jobs');
  return withJobHostOptions(command)
    .option('--json', 'print what was removed and what was not as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ temporal-ssh job cleanup web-1 backup-6 backup-7

Exit codes: 0 all are removed; 1 some are not, such as one that runs; ${JOB_REQUEST_CODES}.`
    )
    .action(async (host: string, ids: string[], flags: JobHostFlags & { readonly json?: true }) => {
      checkReference(host, ids, becomeOf(flags.become));
      const { removed, kept } = await jobRequest(withJobHost(host, flags, (jobHost) => cleanUp(jobHost, ids)));
      if (flags.json) {
        process.stdout.write(`${JSON.stringify({ removed, kept }, null, 2)}\n`);
      } else {
        for (const id of removed) process.stdout.write(`${host} ${id}: removed\n`);
        for (const { type, message } of kept) process.stderr.write(`${type}: ${message}\n`);
      }
      process.exitCode = kept.length > 0 ? EXIT.failed : EXIT.ok;
    });
}

/** One by one: only a request for one job tells why it was not removed. */
async function cleanUp({ client }: JobHost, ids: readonly string[]): Promise<Outcome> {
  const removed: string[] = [];
  const kept: { id: string; type: string; message: string }[] = [];
  for (const id of ids) {
    try {
      await client.cleanUp([id]);
      removed.push(id);
    } catch (error) {
      if (!(error instanceof SshError) || !error.type.startsWith('SshJob')) throw error;
      kept.push({ id, type: error.type, message: error.message });
    }
  }
  return { removed, kept };
}
