import { ApplicationFailure } from '@temporalio/common';
import type { FleetState } from './fleet-state';

const LISTED = 10;

/** More hosts have failed than may. */
export function budgetFailure(state: FleetState, mayFail: number, ofCanary: boolean): ApplicationFailure {
  const text = `${state.failed.length} of ${state.total} hosts failed, and ${mayFail} may${ofCanary ? ' of the canary' : ''}. ${listOf(state)}`;
  return ApplicationFailure.nonRetryable(text, 'SshTooManyFailures');
}

/** All hosts were come to, and none is done: that is no success, however many may fail. */
export function noHostFailure(state: FleetState): ApplicationFailure {
  const { failed, total } = state;
  const skipped = total - failed.length;
  const parts = [failed.length > 0 && `${failed.length} failed`, skipped > 0 && `${skipped} skipped`].filter(Boolean);
  const text = `no host of ${total} succeeded: ${parts.join(', ')}. ${listOf(state)}`;
  return ApplicationFailure.nonRetryable(text.trim(), 'SshTooManyFailures');
}

function listOf({ failed }: FleetState): string {
  return failed
    .slice(0, LISTED)
    .map(({ host, type = '', message = '' }) => `${host}: ${type} ${message}`)
    .join('; ');
}
