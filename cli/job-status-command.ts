import { Command } from 'commander';
import { EXIT } from './exit-codes';
import { jobRequest } from './job-exit-code';
import { becomeOf, checkReference, withJobHost } from './job-host';
import type { JobHostFlags } from './job-host';
import { JOB_REQUEST_CODES, withJobHostOptions } from './job-options';
import { renderJob } from './render-job';

/** `temporal-ssh job status`. */
export function jobStatusCommand(): Command {
  const command = new Command('status')
    .summary('what a host knows of a job')
    .description('Prints what a host knows of a job, and what can be done next.')
    .argument('<host>', "the host's name in the hosts file")
    .argument('<id>', "the job's id");
  return withJobHostOptions(command)
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ temporal-ssh job status web-1 backup-7

Exit codes: 0 the host knows the job, however it is; 1 it does not; ${JOB_REQUEST_CODES}.`
    )
    .action(async (host: string, id: string, flags: JobHostFlags & { readonly json?: true }) => {
      checkReference(host, [id], becomeOf(flags.become));
      const { status } = await jobRequest(withJobHost(host, flags, ({ client }) => client.status(id)));
      process.stdout.write(flags.json ? `${JSON.stringify(status, null, 2)}\n` : renderJob(status));
      process.exitCode = status.state === 'absent' ? EXIT.failed : EXIT.ok;
    });
}
