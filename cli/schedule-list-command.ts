import type { Client, ScheduleSummary } from '@temporalio/client';
import { Command } from 'commander';
import { cleanServerText } from '../ssh/server-text';
import { SCHEDULE_CODES, isOurs, withSchedules } from './schedules';

const SHOWN_RUNS = 3;

/** A schedule as it is listed. */
export interface ListedSchedule {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly paused: boolean;
  readonly note?: string;
  /** The next starts, as ISO 8601. */
  readonly next: readonly string[];
  /** The last starts, the latest first, and what came of them. */
  readonly last: readonly { readonly at: string; readonly workflowId: string; readonly status: string }[];
}

/** `temporal-ssh schedule list`. */
export function scheduleListCommand(): Command {
  return new Command('list')
    .summary('the schedules that start maintenances, runbooks or rollouts, with their next and last runs')
    .description(
      'Prints the schedules that start our workflows, with their next start, and the last runs with what came of them.\n' +
        'Temporal lists a new schedule a moment after it was created.'
    )
    .option('--json', 'print an array as JSON')
    .addHelpText('after', `\nExample:\n  $ temporal-ssh schedule list\n\n${SCHEDULE_CODES}`)
    .action(async ({ json }: { readonly json?: true }) =>
      withSchedules(async (client) => {
        const schedules = await listSchedules(client);
        process.stdout.write(json ? `${JSON.stringify(schedules, null, 2)}\n` : renderSchedules(schedules));
      })
    );
}

async function listSchedules(client: Client): Promise<readonly ListedSchedule[]> {
  const schedules: ListedSchedule[] = [];
  for await (const summary of client.schedule.list()) {
    if (isOurs(summary.action?.workflowType)) schedules.push(await listed(client, summary));
  }
  return schedules.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function listed(
  client: Client,
  { scheduleId, action, memo, state, info }: ScheduleSummary
): Promise<ListedSchedule> {
  const runs = info.recentActions.slice(-SHOWN_RUNS).reverse();
  const last = runs.map(async ({ takenAt, action: { workflow } }) => {
    // Of its last run: a long one goes on in another.
    const description = await client.workflow
      .getHandle(workflow.workflowId)
      .describe()
      .catch(() => undefined);
    const status = description?.status.name.toLowerCase() ?? 'unknown';
    return { at: takenAt.toISOString(), workflowId: workflow.workflowId, status };
  });
  return {
    id: scheduleId,
    // One that was made by other means has no memo of ours.
    kind: text(memo?.['kind']) || (action?.workflowType.replace(/^ssh/, '').toLowerCase() ?? ''),
    name: text(memo?.['name']),
    paused: state.paused,
    ...(state.note !== undefined && state.note !== '' && { note: state.note }),
    next: state.paused ? [] : info.nextActionTimes.slice(0, SHOWN_RUNS).map((time) => time.toISOString()),
    last: await Promise.all(last),
  };
}

/** A schedule in two lines and one for each of its last runs. */
export function renderSchedules(schedules: readonly ListedSchedule[]): string {
  return schedules
    .flatMap(({ id, kind, name, paused, note, next, last }) => [
      `${id}: ${kind} ${name}${note === undefined ? '' : ` (${note})`}`,
      `  next: ${paused ? 'paused' : (next[0] ?? 'none')}`,
      ...last.map(({ at, status, workflowId }) => `  last: ${at} ${status} ${workflowId}`),
    ])
    .map((line) => `${line.startsWith('  ') ? '  ' : ''}${cleanServerText(line)}\n`)
    .join('');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
