import { FAILURE_HELP } from '../failure-help';
import { SshError } from '../ssh-error';
import type { SshTarget } from '../target';
import type { CoolingDown } from './cool-down';
import type { Refusal } from './credential-guard';

type Host = Pick<SshTarget, 'name' | 'address' | 'port'>;

/** The failure of a step whose host is left alone for now. `details.limitMs` is the time that is left. */
export function coolingDown(host: Host, { remainingMs, failures }: CoolingDown): SshError {
  const after = failures === 1 ? 'a failed connection' : `${failures} failed connections in a row`;
  return turnedAway(
    host,
    'SshHostCoolingDown',
    `is left alone for another ${remainingMs} ms, after ${after}`,
    remainingMs
  );
}

/** The failure of a step that waited for others that set up connections to its host, and frees its worker slot now. */
export function setUpsUnderWay(host: Host, waitedMs: number): SshError {
  const what = `has as many connections being set up as are allowed, and none came free within ${waitedMs} ms`;
  return turnedAway(host, 'SshHostCoolingDown', what, waitedMs);
}

/** The failure of a step whose password was offered before, and never answered. */
export function credentialDoubtful(
  host: Host,
  { remainingMs, times }: { readonly remainingMs: number; readonly times: number }
): SshError {
  const often = times === 1 ? 'a connection' : `${times} connections in a row`;
  const what = `ended ${often} without a word on the password, and is not offered it again for another ${remainingMs} ms`;
  return turnedAway(host, 'SshHostCoolingDown', what, remainingMs);
}

/** The failure of a step whose credential was refused a moment ago, by which nothing was offered again. */
export function credentialRefused(host: Host, { type, remainingMs }: Refusal): SshError {
  const what = `has refused this credential before, and is not offered it again for another ${remainingMs} ms, unless it changes`;
  return turnedAway(host, type, what, remainingMs);
}

function turnedAway(
  { name, address, port }: Host,
  type: Refusal['type'] | 'SshHostCoolingDown',
  what: string,
  remainingMs: number
): SshError {
  const error = new SshError(type, {
    message: `${name} (${address}:${port}) ${what}. ${FAILURE_HELP[type].next}`,
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
