import { Command } from 'commander';
import type { Duration } from '@temporalio/common';
import { parseDuration } from '../contract';
import type { SshJobStatus } from '../contract';
import { EXIT } from './exit-codes';
import { jobRequest } from './job-exit-code';
import { becomeOf, checkReference, withJobHost } from './job-host';
import type { JobHostFlags } from './job-host';
import { JOB_REQUEST_CODES, withJobHostOptions } from './job-options';
import { duration } from './option-parsers';

interface CancelFlags extends JobHostFlags {
  readonly reason?: string;
  readonly grace: Duration;
  readonly json?: true;
}

/** `temporal-ssh job cancel`. */
export function jobCancelCommand(): Command {
  const command = new Command('cancel')
    .summary('end a job, and prove that nothing of it is left')
    .description(
      'Ends a job with all its processes (TERM, then KILL), and says whether any is left. A workflow that waits for the\n' +
        'job fails with SshJobCancelled. A job that has not started never will.'
    )
    .argument('<host>', "the host's name in the hosts file")
    .argument('<id>', "the job's id");
  return withJobHostOptions(command)
    .option('--reason <text>', 'kept on the host, for people')
    .option('--grace <duration>', 'between TERM and KILL', duration, '10s' as Duration)
    .option('--json', 'print the status as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ temporal-ssh job cancel web-1 backup-7 --reason 'disk is needed' --grace 30s

Exit codes: 0 no process of the job is left; 1 some are, or may be; ${JOB_REQUEST_CODES}.`
    )
    .action(async (host: string, id: string, flags: CancelFlags) => {
      checkReference(host, [id], becomeOf(flags.become));
      const { reason } = flags;
      const options = { graceMs: parseDuration(flags.grace) ?? 0, ...(reason !== undefined && { reason }) };
      const { status } = await jobRequest(withJobHost(host, flags, ({ client }) => client.cancel(id, options)));
      const [proved, message] = verdict(status);
      process.stdout.write(flags.json ? `${JSON.stringify(status, null, 2)}\n` : `${message}\n`);
      process.exitCode = proved ? EXIT.ok : EXIT.failed;
    });
}

function verdict({ host, id, state, survivors, endReason }: SshJobStatus): readonly [boolean, string] {
  const job = `${host} ${id}`;
  if (survivors && survivors.length > 0) {
    return [false, `${job}: these could not be ended: ${survivors.join(', ')}. End them by hand, and cancel again.`];
  }
  switch (state) {
    case 'void':
      return [true, `${job}: it had not started, and never will.`];
    case 'absent':
      return [true, `${job}: the host knows no such job.`];
    case 'gone':
      return [true, `${job}: it was cleaned up before.`];
    case 'lost-reboot':
      return [true, `${job}: it ended when the host was started anew.`];
    case 'done':
    case 'lost-supervisor':
      if (survivors) return [true, `${job}: ended. No process of it is left.`];
      return endReason
        ? [false, `${job}: ended, but whether all its processes are gone is not on record. Cancel again.`]
        : [true, `${job}: it had ended before.`];
    default:
      return [false, `${job}: asked to end, and still ${state}. See temporal-ssh job status.`];
  }
}
