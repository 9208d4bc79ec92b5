import type { SshFleetCounts, SshProgress, SshQuestion } from '../contract';
import { cleanServerText } from '../ssh/server-text';
import { answerCommand } from './answer-command';
import { renderRows } from './render-rows';
import { saidByHosts, stateOf } from './progress-lines';
import { runDuration } from './run-duration';
import { clip, wrap } from './text-width';

/** Where and how a run is drawn. */
export interface RunView {
  readonly workflowId: string;
  readonly width: number;
  readonly height: number;
  readonly color: boolean;
  readonly now: number;
}

// So that the table keeps a few rows beneath questions.
const LEAST_ROWS = 5;

/**
 * A run as lines for a terminal: no more than its height, none wider than it. What waits for somebody comes first; of steps and hosts those
 * that failed, wait or run stay when there is no room for all. The text of hosts is cleaned.
 */
export function renderRun(progress: SshProgress, view: RunView): string[] {
  const { kind, name, startedAt, endedAt, dryRun, batch, counts, failure, decisions, questions } = progress;
  const { width, height, workflowId, now } = view;
  const state = stateOf(progress);
  const elapsed = runDuration((endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt));
  const title = `${kind} ${name}${dryRun ? ' (dry run)' : ''}: ${state}, ${elapsed}, ${workflowId}`;
  const head = [clip(clean(title), width)];
  if (counts) head.push(clip(renderBar(counts, batch), width));
  else if (batch) head.push(`batch ${batch.current} of ${batch.total}`);
  // The end of the run tells it again, in full.
  if (failure && endedAt === undefined && !saidByHosts(progress))
    head.push(...wrap(clean(`failure: ${failure.type}: ${failure.message}`), width).slice(0, 3));
  const last = decisions.at(-1);
  if (last) head.push(clip(clean(`last decision: ${last.update} by ${last.by}: ${last.reason}`), width));
  const room = Math.max(0, height - head.length - LEAST_ROWS);
  const asked = renderQuestions(questions, { room, width, workflowId });
  const rows = renderRows(progress, { ...view, height: height - head.length - asked.length });
  return [...head, ...asked, ...rows].slice(0, height);
}

function renderQuestions(
  questions: readonly SshQuestion[],
  { room, width, workflowId }: { readonly room: number; readonly width: number; readonly workflowId: string }
): string[] {
  const lines: string[] = [];
  for (const [index, question] of questions.entries()) {
    const on = question.host === undefined ? '' : ` on ${question.host}`;
    const text = wrap(clean(`? ${question.step}${on}: ${question.text}`), width).slice(0, 2);
    const command = wrap(answerCommand(question, workflowId), width - 2).map((line) => `  ${line}`);
    const more = index < questions.length - 1 ? 1 : 0;
    if (lines.length + text.length + command.length + more > room && index > 0) {
      lines.push(clip(`  and ${questions.length - index} more questions wait`, width));
      break;
    }
    lines.push(...text, ...command);
  }
  return lines;
}

/** The hosts of a fleet as a bar and in numbers. */
function renderBar(counts: SshFleetCounts, batch: SshProgress['batch']): string {
  const { total, pending, running, failed, succeeded, undone, skipped } = counts;
  const size = 20;
  const share = (count: number): number => (total === 0 ? 0 : Math.floor((count / total) * size));
  // A failure is seen, however small its share is.
  const bad = failed > 0 ? Math.max(1, share(failed)) : 0;
  const done = Math.max(bad, share(total - pending - running));
  const under = Math.min(size - done, running > 0 ? Math.max(1, share(running)) : 0);
  const bar = '#'.repeat(done - bad) + '!'.repeat(bad) + '>'.repeat(under);
  // Failures come first: they are not what a narrow terminal cuts off.
  const states = { failed, running, undone, succeeded, pending, skipped };
  const parts = Object.entries(states).filter(([, count]) => count > 0);
  const which = batch ? `, batch ${batch.current}/${batch.total}` : '';
  return `[${bar.padEnd(size, '.')}] ${total - pending - running}/${total} ${total === 1 ? 'host' : 'hosts'}${which}: ${parts.map(([state, count]) => `${count} ${state}`).join(', ')}`;
}

function clean(text: string): string {
  return cleanServerText(text);
}
