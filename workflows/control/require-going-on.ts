import { CancellationScope } from '@temporalio/workflow';

/**
 * Throws the cancellation of the scope around the caller, if there was one. To be called before what cannot be taken back: a step may
 * end well in the same moment in which the run is cancelled or aborted, and a continue-as-new would forget that.
 */
export async function requireGoingOn(): Promise<void> {
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) await scope.cancelRequested;
}
