import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { SshTransferHeartbeat } from '../contract';

/** Options of {@link watchTransfer}. */
export interface WatchTransferOptions {
  /** How often the server is asked. @default 1000 */
  readonly intervalMs?: number;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SshTransferHeartbeat) => void;
}

/**
 * Watches a running workflow for how far its transfer is, until the signal aborts.
 *
 * Never fails: what it tells is only for people to see. It tells nothing where the payloads are encrypted.
 */
export async function watchTransfer(
  handle: Pick<WorkflowHandle, 'describe'>,
  { intervalMs = 1_000, signal, onProgress }: WatchTransferOptions
): Promise<void> {
  while (!signal.aborted) {
    const description = await handle.describe().catch(() => undefined);
    for (const { heartbeatDetails } of description?.raw.pendingActivities ?? []) {
      const progress = progressOf(heartbeatDetails?.payloads?.[0]?.data);
      if (progress && !signal.aborted) onProgress(progress);
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

function progressOf(data: Uint8Array | null | undefined): SshTransferHeartbeat | undefined {
  if (!data) return undefined;
  try {
    const given = JSON.parse(Buffer.from(data).toString('utf8')) as Partial<SshTransferHeartbeat> | null;
    const good =
      typeof given?.phase === 'string' &&
      typeof given.file === 'string' &&
      Number.isFinite(given.bytes) &&
      Number.isFinite(given.bytesPerSecond);
    return good ? (given as SshTransferHeartbeat) : undefined;
  } catch {
    return undefined;
  }
}
