import { withHosts } from '../gate/with-host';
import { UNDO_DEADLINE } from '../undo-scope';

// A run may pause for days; whoever wants it off the host aborts it, or takes its lease away.
const MAX_HOLD = '90d';
// A lease that is lost is followed by an undo, in which a step may take as long as it does by default.
const GRACE = UNDO_DEADLINE;

/** Runs `fn` while it holds the gates of hosts alone, also from one run to the next. */
export async function withGates<T>(hosts: readonly string[], reason: string, fn: () => Promise<T>): Promise<T> {
  if (hosts.length === 0) return fn();
  return withHosts(hosts, { reason, maxHold: MAX_HOLD, grace: GRACE, keepOnContinueAsNew: true }, fn);
}
