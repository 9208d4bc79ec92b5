import type { SshGateRequest, SshGateState } from '../../contract';

const SHOWN = 20;

/** A gate's state for people, as Markdown: what Temporal's Web UI shows as the workflow's current details. */
export function gateDetails({ name, holders, waiting, evictions }: SshGateState): string {
  const sections = [
    `**${cell(name)}**: ${holders.length} inside, ${waiting.length} waiting`,
    ...table(
      ['inside', 'mode', 'workflow', 'since', 'until', 'request'],
      holders.map((lease) => [
        lease.lost === undefined ? lease.reason : `${lease.reason} (LOST: ${lease.lost})`,
        ...who(lease),
        lease.grantedAt,
        lease.expiresAt,
        lease.requestId,
      ])
    ),
    ...table(
      ['waiting', 'mode', 'workflow', 'since', 'request'],
      waiting.map((waiter) => [waiter.reason, ...who(waiter), waiter.requestedAt, waiter.requestId])
    ),
    ...table(
      ['taken away', 'by', 'why', 'at'],
      evictions.map(({ workflowId, by, reason, at }) => [workflowId, by, reason, at])
    ),
  ];
  return sections.join('\n\n');
}

function who({ mode, holder }: SshGateRequest): readonly string[] {
  return [mode, holder.workflowId];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const shown = [line(head), line(head.map(() => '---')), ...rows.slice(0, SHOWN).map(line)].join('\n');
  return rows.length > SHOWN ? [shown, `and ${rows.length - SHOWN} more`] : [shown];
}

/** What others wrote must not become Markdown. */
function cell(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\|`*_<>[\]]/g, '\\$&');
}
