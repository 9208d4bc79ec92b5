import { ScheduleAlreadyRunning, isGrpcServiceError } from '@temporalio/client';
import type { ScheduleOptions } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { Command, Option } from 'commander';
import { sshRunStart } from '../client';
import type { SshRunKind } from '../client';
import { argument } from './answer-command';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';
import { duration, environment, repeated } from './option-parsers';
import { readRunFile } from './run-file';
import { SCHEDULE_CODES, withSchedules } from './schedules';
import { runOptions } from './start-run';

const OVERLAPS = {
  skip: 'SKIP',
  'buffer-one': 'BUFFER_ONE',
  'buffer-all': 'BUFFER_ALL',
  'cancel-other': 'CANCEL_OTHER',
  'terminate-other': 'TERMINATE_OTHER',
  'allow-all': 'ALLOW_ALL',
} as const;

const EXAMPLE =
  "A cron expression has 5 fields, such as --cron '0 2 * * *'; a time zone is a name such as --time-zone Europe/Berlin.";

interface CreateFlags {
  readonly runbook?: true;
  readonly rollout?: true;
  readonly cron?: readonly string[];
  readonly timeZone?: string;
  readonly every?: Duration;
  readonly overlap: keyof typeof OVERLAPS;
  readonly catchupWindow?: Duration;
  readonly jitter?: Duration;
  readonly paused?: true;
  readonly note?: string;
  readonly taskQueue: string;
  readonly env?: Record<string, string>;
  readonly host?: readonly string[];
  readonly gate: boolean;
  readonly json?: true;
}

/** `temporal-ssh schedule create`. */
export function scheduleCreateCommand(): Command {
  return new Command('create')
    .summary('start what a file says by the clock')
    .description(
      'Creates a schedule that starts the maintenance of a file; with --runbook or --rollout what these say.'
    )
    .argument('<id>', 'the id of the schedule')
    .argument('<file>', 'the file with the maintenance, of 1 MiB at most; - for the standard input')
    .addOption(new Option('--runbook', 'the file holds a runbook').conflicts('rollout'))
    .option('--rollout', 'the file holds a rollout')
    .option('--cron <expression>', 'when, such as "0 2 * * *"; repeatable', repeated)
    .option('--time-zone <name>', 'of --cron, such as Europe/Berlin (UTC if none is named)')
    .option('--every <duration>', 'how often, such as 24h', duration)
    .addOption(
      new Option('--overlap <policy>', 'what to do while the last run goes on')
        .choices(Object.keys(OVERLAPS))
        .default('skip')
    )
    .option('--catchup-window <duration>', 'how late a start may be that was missed while Temporal was away', duration)
    .option('--jitter <duration>', 'start up to so much later, by chance', duration)
    .option('--paused', 'create it paused')
    .option('--note <text>', 'a note on it')
    .option('--task-queue <name>', 'the task queue of the workers', 'temporal-ssh')
    .option(
      '--env <name=value>',
      'an environment variable of each command, in place of that of the file; repeatable',
      environment
    )
    .option('--host <name>', "a host, in place of the file's hosts; repeatable", repeated)
    .option('--no-gate', 'do not hold the gates of the hosts')
    .option('--json', 'print the id as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh schedule create patch patch.yaml --cron '0 2 * * *' --time-zone Europe/Berlin --jitter 10m
  $ temporal-ssh schedule create rotate rotate.yaml --runbook --every 24h

${SCHEDULE_CODES}`
    )
    .action(createSchedule);
}

async function createSchedule(id: string, file: string, flags: CreateFlags): Promise<void> {
  const { taskQueue, note, paused } = flags;
  const kind: SshRunKind = flags.runbook ? 'runbook' : flags.rollout ? 'rollout' : 'maintenance';
  const spec = specOf(flags);
  const definition = await readRunFile(file, kind, flags);
  const { type, idPrefix, memo, staticSummary } = sshRunStart(kind, definition.name);
  const options: ScheduleOptions = {
    scheduleId: id,
    spec,
    action: {
      type: 'startWorkflow',
      workflowType: type,
      // The time of the start is put after it.
      workflowId: idPrefix,
      taskQueue,
      args: [definition, runOptions(kind, flags)],
      memo,
      staticSummary,
    },
    policies: {
      overlap: OVERLAPS[flags.overlap],
      ...(flags.catchupWindow !== undefined && { catchupWindow: flags.catchupWindow }),
    },
    memo: { ...memo, temporalSsh: true },
    state: { ...(paused && { paused }), ...(note !== undefined && { note }) },
  };
  await withSchedules(async ({ schedule }) => {
    try {
      await schedule.create(options);
    } catch (cause) {
      if (cause instanceof ScheduleAlreadyRunning) {
        const message = `There is a schedule ${id} already. Choose another id, or remove it first: temporal-ssh schedule remove ${argument(id)}`;
        throw new CliError(message, EXIT.usage, { cause });
      }
      // So its client tells of a cron expression or a time zone that the server does not understand.
      if (cause instanceof TypeError)
        throw new CliError(`Temporal refused it: ${cause.message}. ${EXAMPLE}`, EXIT.usage, { cause });
      if (isGrpcServiceError(cause)) {
        throw new CliError(`Temporal refused it: ${cause.details}`, EXIT.unavailable, { cause });
      }
      throw cause;
    }
    const line = `created ${id}: ${kind} ${definition.name}${paused ? ', paused' : ''}`;
    process.stdout.write(flags.json ? `${JSON.stringify({ id, kind, name: definition.name })}\n` : `${line}\n`);
  });
}

function specOf({ cron, every, timeZone, jitter }: CreateFlags): ScheduleOptions['spec'] {
  if ((cron === undefined) === (every === undefined))
    throw new CliError("Expected either --cron or --every, such as --cron '0 2 * * *' or --every 24h.", EXIT.usage);
  if (every !== undefined && timeZone !== undefined)
    throw new CliError('--time-zone is for --cron: leave it out with --every.', EXIT.usage);
  return {
    ...(cron && { cronExpressions: [...cron] }),
    ...(every !== undefined && { intervals: [{ every }] }),
    ...(timeZone !== undefined && { timezone: timeZone }),
    ...(jitter !== undefined && { jitter }),
  };
}
