import type { WorkflowHandle } from '@temporalio/client';
import { watchSteps } from '../../client';
import { readSteps } from './step-history';
import type { StepRecord } from './step-history';

const POLL_MS = 300;

/** Prints a line with the seconds since the demo began. */
export type Say = (line: string) => void;

/** Makes {@link Say}. */
export function createSay(): Say {
  const startedAt = Date.now();
  return (line) => {
    const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1).padStart(5);
    process.stdout.write(`${seconds} s  ${line}\n`);
  };
}

/** Tells what happens in a workflow while it happens: steps, failures with their stage, and when the next try is due. */
export async function narrate(handle: WorkflowHandle, say: Say, signal: AbortSignal): Promise<void> {
  const told = new Map<string, string>();
  const tellSteps = async (): Promise<void> => {
    for (const [index, step] of (await readSteps(handle)).entries()) tellStep(told, index, step, say);
  };
  const retries = watchSteps(handle, {
    intervalMs: POLL_MS,
    signal,
    onRetry: ({ attempt, stage, failureType, nextTryAt }) => {
      const wait = nextTryAt ? Math.max(0, (nextTryAt.getTime() - Date.now()) / 1_000).toFixed(1) : '?';
      const where = stage === undefined ? 'the worker no longer answers' : `stage ${stage}`;
      say(`   attempt ${attempt} failed: ${failureType} (${where}); next try in ${wait} s`);
    },
  });
  while (!signal.aborted) {
    await tellSteps();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  await retries;
  await tellSteps();
}

function tellStep(told: Map<string, string>, index: number, step: StepRecord, say: Say): void {
  const before = told.get(String(index));
  if (before === step.state) return;
  told.set(String(index), step.state);
  if (before === undefined) say(`-> ${step.name}`);
  if (step.state === 'done') say(`   done`);
  if (step.state === 'failed') say(`   failed for good: ${step.failureType ?? ''}: ${step.message ?? ''}`);
}

/** The steps as a table. */
export function table(steps: readonly StepRecord[]): string {
  const rows = steps.map(({ name, state, attempts, failureType }) => [
    name,
    state,
    String(attempts),
    failureType ?? '',
  ]);
  const all = [['step', 'state', 'attempts', 'failure'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd();
  const [head = [], ...body] = all;
  return [line(head), `  ${widths.map((width) => '-'.repeat(width)).join('  ')}`, ...body.map(line)].join('\n');
}
