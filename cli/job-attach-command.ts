import { Command } from 'commander';
import { followFromHere, warnOfGone } from './follow-to-end';
import { followJob } from './follow-job';
import { reportJobEnd } from './job-exit-code';
import type { JobHostFlags } from './job-host';
import { JOB_REQUEST_CODES, withJobHostOptions } from './job-options';

interface AttachFlags extends JobHostFlags {
  readonly quiet?: true;
}

/** `temporal-ssh job attach`. */
export function jobAttachCommand(): Command {
  const command = new Command('attach')
    .summary("a job's output from its first byte to its end, then its exit code")
    .description(
      "Writes a job's stdout to stdout and its stderr to stderr, byte for byte, from here over SSH; no worker and no\n" +
        'Temporal server is needed. A lost connection is made anew, and reading goes on at the next byte. Ctrl-C leaves the\n' +
        'job running.'
    )
    .argument('<host>', "the host's name in the hosts file")
    .argument('<id>', "the job's id");
  return withJobHostOptions(command)
    .option('--quiet', 'do not tell of lost connections on stderr')
    .addHelpText(
      'after',
      `
Example:
  $ temporal-ssh job attach web-1 backup-7

Exit codes: the job's own; 128+n when signal n ended it; 79 nobody knows how it ended; 130 Ctrl-C;
${JOB_REQUEST_CODES}.`
    )
    .action(async (host: string, id: string, flags: AttachFlags) => {
      const startedAt = performance.now();
      process.exitCode = await followFromHere(host, id, flags, async (jobHost, { signal, tell }) => {
        const report = await followJob(jobHost, id, { signal, tell });
        warnOfGone(report, tell);
        return reportJobEnd(report, jobHost.target, Math.round(performance.now() - startedAt));
      });
    });
}
