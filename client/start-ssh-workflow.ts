import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId, WorkflowStartOptions } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';

/** How to start a ready-made workflow; everything that Temporal knows for a start may be given. */
export type SshStartOptions<W extends Workflow> = Omit<WorkflowStartOptions<W>, 'args' | 'workflowId'> & {
  readonly workflowId?: string;
};

/** What is started, and what holds where the caller has not said otherwise. */
export interface SshStart<W extends Workflow> {
  readonly type: string;
  readonly args: Parameters<W>;
  /** What the id begins with; something random comes after it. */
  readonly idPrefix: string;
  readonly memo?: Readonly<Record<string, unknown>>;
  readonly staticSummary?: string;
}

/** Starts one of the ready-made workflows by its name: a client does not load workflow code. */
export async function startSshWorkflow<W extends Workflow>(
  client: Client,
  { type, args, idPrefix, memo, staticSummary }: SshStart<W>,
  { workflowId, ...options }: SshStartOptions<W>
): Promise<WorkflowHandleWithFirstExecutionRunId<W>> {
  const start = {
    ...(staticSummary !== undefined && { staticSummary }),
    ...options,
    ...(memo && { memo: { ...memo, ...options.memo } }),
    args,
    workflowId: workflowId ?? `${idPrefix}-${randomUUID()}`,
  } as unknown as WorkflowStartOptions<W>;
  return client.workflow.start<W>(type, start);
}
