import { workflowInfo } from '@temporalio/workflow';

const MAX_WORKFLOW_ID = 40;

// A module of a workflow bundle is loaded once for each workflow execution, so that this counts within one.
const counts = new Map<string, number>();

/**
 * The id of the next job of this workflow: `<workflow id>.<step>-<n>.<run id>`, counted in the order of the calls.
 *
 * The run id is that of the run's first event. A reset keeps it, so that the run after it finds the jobs of the one
 * before; continue-as-new does not, so that a loop starts a job of its own in each turn.
 */
export function nextJobId(step: 'job' | 'once'): string {
  const { workflowId, originalExecutionRunId } = workflowInfo();
  const count = (counts.get(step) ?? 0) + 1;
  counts.set(step, count);
  return `${workflowId.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, MAX_WORKFLOW_ID)}.${step}-${count}.${originalExecutionRunId}`;
}
