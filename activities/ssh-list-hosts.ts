import { Context } from '@temporalio/activity';
import { MAX_RESULT_BYTES, listHostsProblems, utf8Bytes } from '../contract';
import type { SshListHostsInput, SshListHostsResult } from '../contract';
import { selectHosts } from '../ssh/hosts';
import type { HostDirectory } from '../ssh/hosts';
import { SshError, configError } from '../ssh/ssh-error';
import { invalidLook } from './attempt-look';
import type { LookDependencies } from './attempt-look';
import { countAttempt } from './count-attempt';
import { toApplicationFailure } from './to-application-failure';
import { unlessAborted } from './unless-aborted';

/** The activity `sshListHosts`. */
export type SshListHosts = (input?: SshListHostsInput) => Promise<SshListHostsResult>;

const MOST_WITH_LABELS = 1_000;

/**
 * Makes the activity `sshListHosts`: which hosts of the worker's hosts file have certain labels or names. It touches no host.
 *
 * It fails with `SshUnknownHost` for a whole name that is no host's, and with `SshConfigUnsupported` where a function looks
 * hosts up, which cannot list them, or where more match than a result can hold.
 */
export function createSshListHosts(
  directory: Pick<HostDirectory, 'listed' | 'get' | 'unknown'>,
  telemetry: LookDependencies['telemetry']
): SshListHosts {
  return async function sshListHosts(input = {}) {
    const context = Context.current();
    return countAttempt(telemetry, async () => listHosts(directory, context, input));
  };
}

async function listHosts(
  directory: Pick<HostDirectory, 'listed' | 'get' | 'unknown'>,
  context: Context,
  input: SshListHostsInput
): Promise<SshListHostsResult> {
  const problems = listHostsProblems(input);
  if (problems.length > 0) throw invalidLook(context, '', problems);
  try {
    const found = await unlessAborted(selectHosts(directory, input), context.cancellationSignal);
    const withLabels = { hosts: found.length > MOST_WITH_LABELS ? found.map(({ name }) => ({ name })) : found };
    if (fits(withLabels)) return withLabels;
    const names = { hosts: found.map(({ name }) => ({ name })) };
    if (fits(names)) return names;
    const message = `${found.length} hosts match, more than a result can hold: choose fewer at a time`;
    throw configError('SshConfigUnsupported', '', message);
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    const { attempt, retryPolicy } = context.info;
    throw toApplicationFailure(error, { idempotent: true, attempt, retryPolicy });
  }
}

function fits(result: SshListHostsResult): boolean {
  return utf8Bytes(JSON.stringify(result)) <= MAX_RESULT_BYTES;
}
