import { Command, Option } from 'commander';
import type { SshJobStream } from '../contract';
import { MAX_JOB_LOG_BYTES } from '../contract';
import type { JobClient, JobCursor } from '../ssh/job/job-client';
import { EXIT } from './exit-codes';
import { followFromHere, warnOfGone } from './follow-to-end';
import { followJob } from './follow-job';
import type { JobHostFlags } from './job-host';
import { JOB_REQUEST_CODES, withJobHostOptions } from './job-options';
import { integer } from './option-parsers';
import { writeBytes } from './write-bytes';

interface LogsFlags extends JobHostFlags {
  readonly follow?: true;
  readonly stream?: SshJobStream;
  readonly sinceByte: number;
  readonly quiet?: true;
}

/** `temporal-ssh job logs`. */
export function jobLogsCommand(): Command {
  const command = new Command('logs')
    .summary('what a job has written so far')
    .description('Writes what a job has written, byte for byte: its stdout to stdout and its stderr to stderr.')
    .argument('<host>', "the host's name in the hosts file")
    .argument('<id>', "the job's id");
  return withJobHostOptions(command)
    .option('-f, --follow', 'go on until the job ends')
    .addOption(new Option('--stream <stream>', 'only this one').choices(['stdout', 'stderr']))
    .option('--since-byte <n>', 'from this byte on; a negative number counts from the end', integer, 0)
    .option('--quiet', 'do not tell of lost connections on stderr')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh job logs web-1 backup-7 --stream stderr
  $ temporal-ssh job logs web-1 backup-7 -f --since-byte=-1000

Exit codes: 0 all was written, however the job ended; 130 Ctrl-C; ${JOB_REQUEST_CODES}.`
    )
    .action(async (host: string, id: string, flags: LogsFlags) => {
      process.exitCode = await followFromHere(host, id, flags, async (jobHost, { signal, tell }) => {
        const from = await beginning(jobHost.client, id, flags.sinceByte);
        if (flags.follow) {
          const { stream } = flags;
          warnOfGone(await followJob(jobHost, id, { from, signal, tell, ...(stream && { stream }) }), tell);
        } else {
          for (const stream of flags.stream ? [flags.stream] : (['stdout', 'stderr'] as const)) {
            await writeLog(jobHost.client, id, stream, from[stream]);
          }
        }
        return EXIT.ok;
      });
    });
}

async function beginning(client: JobClient, id: string, sinceByte: number): Promise<JobCursor> {
  if (sinceByte === 0) return { stdout: 0, stderr: 0 };
  const { status } = await client.status(id);
  const within = (size: number): number => (sinceByte < 0 ? Math.max(0, size + sinceByte) : Math.min(size, sinceByte));
  return { stdout: within(status.stdoutBytes), stderr: within(status.stderrBytes) };
}

async function writeLog(client: JobClient, id: string, stream: SshJobStream, first: number): Promise<void> {
  for (let from = first; ;) {
    const { bytes } = await client.log(id, { stream, from, length: MAX_JOB_LOG_BYTES });
    if (bytes.length === 0) return;
    await writeBytes(process[stream], bytes);
    from += bytes.length;
  }
}
