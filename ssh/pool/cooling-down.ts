import { FAILURE_HELP } from '../failure-help';
import { SshError } from '../ssh-error';
import type { SshTarget } from '../target';
import type { CoolingDown } from './cool-down';

/** The failure of a step whose host is left alone for now. `details.limitMs` is the time that is left. */
export function coolingDown({ name, address, port }: SshTarget, { remainingMs, failures }: CoolingDown): SshError {
  const why =
    failures > 0
      ? `is left alone for another ${remainingMs} ms, after ${failures} failed connections in a row`
      : 'has as many connections being set up as are allowed';
  const error = new SshError('SshHostCoolingDown', {
    message: `${name} (${address}:${port}) ${why}. ${FAILURE_HELP.SshHostCoolingDown.next}`,
    details: {
      stage: 'config',
      host: name,
      address,
      port,
      limitMs: remainingMs,
      elapsedMs: 0,
      commandMayHaveRun: false,
    },
  });
  error.retryAfterMs = remainingMs;
  return error;
}
