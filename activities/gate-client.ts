import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

/**
 * The worker's own client, which is of its namespace and has its data converter.
 *
 * @throws `ApplicationFailure` of type `SshGateUnavailable` where there is none.
 */
export function gateClient(context: Pick<Context, 'client'>, name: string): Context['client'] {
  let client: Context['client'] | undefined;
  try {
    client = context.client;
  } catch {
    // Told below, as where an older SDK has no such property.
  }
  if (client) return client;
  throw ApplicationFailure.nonRetryable(
    `${name}: this worker has no Temporal client for its activities, so that it cannot reach the gate. ` +
      'Create the worker with a connection and @temporalio/worker 1.24 or later; give a MockActivityEnvironment a client.',
    'SshGateUnavailable',
    { stage: 'config', host: name, elapsedMs: 0, commandMayHaveRun: false }
  );
}
