import { answerCommand } from '../../contract';
import type { SshFleetCounts, SshProgress, SshStepReport } from '../../contract';

// The Web UI shows it as it is, and it is sent with each look at the workflow.
const MOST_ROWS = 40;
const MOST_TEXT = 120;
const MOST_COMMAND = 500;

const WAITS = { window: 'for its window to open', pause: 'between two batches' } as const;

/** A run as Markdown, for the current details in the Web UI: bounded, whatever the number of hosts. */
export function renderProgress(progress: SshProgress, workflowId: string): string {
  const {
    kind,
    name,
    state,
    paused,
    questions,
    steps,
    counts,
    batch,
    hosts = [],
    decisions,
    failure,
    dryRun,
    waitingFor,
  } = progress;
  const lines = [
    `**${cell(name)}** (${kind}${dryRun ? ', dry run' : ''}): ${state}${paused && state !== 'paused' ? ', paused' : ''}`,
  ];
  if (failure) lines.push('', `Failure: \`${failure.type}\` ${cell(failure.message)}`);
  if (waitingFor) lines.push('', `Waits ${WAITS[waitingFor.what]}, until ${waitingFor.until}`);
  for (const question of questions.slice(0, 10)) {
    const { step, host, text, answers } = question;
    lines.push(
      '',
      `Waits for an answer (${answers.join(', ')}): **${cell(step)}**${host === undefined ? '' : ` on ${cell(host)}`}: ${cell(text)}`,
      '',
      `    ${line(answerCommand(question, workflowId))}`
    );
  }
  if (batch) lines.push('', `Batch ${batch.current} of ${batch.total}`);
  if (counts) lines.push('', renderCounts(counts));
  if (steps.length > 0) lines.push('', '| step | state | hosts |', '|---|---|---|', ...rows(steps, renderStep));
  if (hosts.length > 0) {
    lines.push('', '| host | state | step | failure |', '|---|---|---|---|');
    lines.push(...rows(hosts, (each) => row(each.host, each.state, each.step ?? '', each.type ?? '')));
  }
  const last = decisions.at(-1);
  if (last) lines.push('', `Last decision: ${last.update} by ${cell(last.by)}: ${cell(last.reason)}`);
  return lines.join('\n');
}

/** The numbers that are not 0, in words. */
export function renderCounts({ total, ...states }: SshFleetCounts): string {
  const parts = Object.entries(states).filter(([, count]) => count > 0);
  return `${total} ${total === 1 ? 'host' : 'hosts'}: ${parts.map(([state, count]) => `${count} ${state}`).join(', ')}`;
}

function renderStep({ name, state, hosts = [], counts, message }: SshStepReport): string {
  const summed = Object.entries(counts ?? {}).map(([each, count]) => `${count} ${each}`);
  const where = counts ? summed.join(', ') : hosts.map(({ host }) => host).join(', ');
  return row(name, message === undefined ? state : `${state}: ${message}`, where);
}

function rows<T>(items: readonly T[], render: (item: T) => string): readonly string[] {
  const shown = items.slice(0, MOST_ROWS).map(render);
  return items.length > MOST_ROWS ? [...shown, row(`and ${items.length - MOST_ROWS} more`, '', '')] : shown;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** As code, which draws nothing as long as it stays on its line. */
function line(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').slice(0, MOST_COMMAND);
}

/** Text of hosts must not draw tables, headings or links. */
function cell(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').replaceAll(/[|\\`*_[\]<>#]/g, (character) => `\\${character}`);
  return flat.length > MOST_TEXT ? `${flat.slice(0, MOST_TEXT)}...` : flat;
}
