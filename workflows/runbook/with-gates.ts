import { withHosts } from '../gate/with-host';

// A run may pause for days; whoever wants it off the host aborts it, or takes its lease away.
const MAX_HOLD = '90d';

/** Runs `fn` while it holds the gates of hosts alone, also from one run to the next. */
export async function withGates<T>(hosts: readonly string[], reason: string, fn: () => Promise<T>): Promise<T> {
  if (hosts.length === 0) return fn();
  return withHosts(hosts, { reason, maxHold: MAX_HOLD, keepOnContinueAsNew: true }, fn);
}
