import type { JobReport } from '../ssh/job/job-client';
import { EXIT } from './exit-codes';
import { jobRequestError } from './job-exit-code';
import { becomeOf, checkReference, withJobHost } from './job-host';
import type { JobHost, JobHostFlags } from './job-host';
import { waitForSignal } from './wait-for-signal';

const EXIT_PIPE = 128 + 13;

/** Gives a command that follows a job what it needs, and turns its end into an exit code: Ctrl-C leaves the job alone. */
export async function followToEnd(
  follow: (signal: AbortSignal) => Promise<number>,
  detached: () => string
): Promise<number> {
  const over = new AbortController();
  const { release } = waitForSignal(() => over.abort());
  try {
    return await follow(over.signal);
  } catch (error) {
    if (over.signal.aborted) {
      process.stderr.write(`${detached()}\n`);
      return EXIT.interrupted;
    }
    // Whoever read our output has left, such as `head`.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return EXIT_PIPE;
    throw jobRequestError(error);
  } finally {
    release();
  }
}

/** Follows a job from here: what {@link followToEnd} does, with the host and a place for what concerns the connection. */
export async function followFromHere(
  host: string,
  id: string,
  flags: JobHostFlags & { readonly quiet?: true },
  work: (
    jobHost: JobHost,
    how: { readonly signal: AbortSignal; readonly tell: (line: string) => void }
  ) => Promise<number>
): Promise<number> {
  checkReference(host, [id], becomeOf(flags.become));
  const tell = (line: string): void => {
    if (!flags.quiet) process.stderr.write(`${line}\n`);
  };
  return followToEnd(
    (signal) => withJobHost(host, flags, async (jobHost) => work(jobHost, { signal, tell }), signal),
    () => comeBack(host, id, flags)
  );
}

/** The words for somebody who leaves a job. */
export function comeBack(
  host: string,
  id: string,
  flags: { readonly hosts?: string; readonly become?: true | string }
): string {
  const hosts = flags.hosts === undefined ? '' : ` --hosts ${flags.hosts}`;
  const become = flags.become === undefined ? '' : flags.become === true ? ' --become' : ` --become=${flags.become}`;
  const where = `${host} ${id}${hosts}${become}`;
  return `Detached; the job goes on. Come back: temporal-ssh job attach ${where}\nEnd it: temporal-ssh job cancel ${where}`;
}

/** Says that a job was cleaned up, since its output then is missing. */
export function warnOfGone({ status }: JobReport, tell: (line: string) => void): void {
  if (status.state === 'gone')
    tell(`${status.id} was cleaned up: how it ended is known, its output is not there any more.`);
}
