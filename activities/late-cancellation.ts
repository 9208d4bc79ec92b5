import type { Context } from '@temporalio/activity';

// By name: this folder does not import the client, which the context brings along.
const GONE: readonly string[] = ['ActivityCancelledError', 'ActivityNotFoundError'];

/** Finds a cancellation that follows another interruption. */
export interface LateCancellation {
  /** Asks the server once more; calls back when the activity has been cancelled, or is no longer known. */
  poll(details: unknown): void;
  /** Ends the activity as cancelled: what the SDK would report is the interruption that came first. */
  report(): Promise<void>;
}

/**
 * The SDK tells an activity of one interruption only. A command that goes on after a pause, a reset or a worker's shutdown
 * would not get to know that it is cancelled; so the server is asked by heartbeats of our own.
 */
export function lateCancellation(context: Pick<Context, 'client' | 'info'>, onCancelled: () => void): LateCancellation {
  const { taskToken } = context.info;
  let asking = false;
  const ask = async (details: unknown): Promise<void> => {
    try {
      await context.client.activity.heartbeat(taskToken, details);
    } catch (error) {
      // Anything else, such as a server that does not answer or a test environment without a client, says nothing.
      if (error instanceof Error && GONE.includes(error.name)) onCancelled();
    }
  };
  return {
    poll: (details) => {
      if (asking) return;
      asking = true;
      void ask(details).finally(() => (asking = false));
    },
    report: async () => {
      // If it fails, the SDK's report is all there is.
      await context.client.activity.reportCancellation(taskToken).catch(() => undefined);
    },
  };
}
