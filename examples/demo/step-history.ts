import type { WorkflowHandle } from '@temporalio/client';

/** One step of a workflow, as its history tells it. */
export interface StepRecord {
  readonly name: string;
  state: 'under way' | 'done' | 'failed';
  attempts: number;
  failureType?: string;
  message?: string;
}

/** The steps of a workflow so far, from the events of its history: this works while no worker is there. */
export async function readSteps(handle: WorkflowHandle): Promise<StepRecord[]> {
  const steps = new Map<string, StepRecord>();
  const { events } = await handle.fetchHistory();
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const name = text(event.userMetadata?.summary?.data) ?? scheduled.activityId ?? '';
      steps.set(String(event.eventId), { name, state: 'under way', attempts: 0 });
    }
    const started = event.activityTaskStartedEventAttributes;
    const step = steps.get(
      String(
        started?.scheduledEventId ??
          event.activityTaskCompletedEventAttributes?.scheduledEventId ??
          event.activityTaskFailedEventAttributes?.scheduledEventId
      )
    );
    if (!step) continue;
    if (started) step.attempts = started.attempt ?? 1;
    if (event.activityTaskCompletedEventAttributes) step.state = 'done';
    const failure = event.activityTaskFailedEventAttributes?.failure;
    if (failure) {
      step.state = 'failed';
      step.failureType = failure.applicationFailureInfo?.type ?? 'unknown';
      step.message = failure.message ?? '';
    }
  }
  return [...steps.values()];
}

function text(data: Uint8Array | null | undefined): string | undefined {
  return data ? (JSON.parse(Buffer.from(data).toString('utf8')) as string) : undefined;
}
