import { Command } from 'commander';
import { jobRequest } from './job-exit-code';
import { becomeOf, checkReference, withJobHost } from './job-host';
import type { JobHostFlags } from './job-host';
import { JOB_REQUEST_CODES, withJobHostOptions } from './job-options';
import { renderJobs } from './render-job';

/** `temporal-ssh job list`. */
export function jobListCommand(): Command {
  const command = new Command('list')
    .summary('the jobs of a host')
    .description('Prints the jobs of a host that belong to the user, a line each.')
    .argument('<host>', "the host's name in the hosts file");
  return withJobHostOptions(command)
    .option('--json', 'print an array as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ temporal-ssh job list web-1

Exit codes: 0, also when there are none; ${JOB_REQUEST_CODES}.`
    )
    .action(async (host: string, flags: JobHostFlags & { readonly json?: true }) => {
      checkReference(host, ['any'], becomeOf(flags.become));
      const jobs = await jobRequest(withJobHost(host, flags, ({ client }) => client.list()));
      process.stdout.write(flags.json ? `${JSON.stringify(jobs, null, 2)}\n` : renderJobs(jobs));
    });
}
