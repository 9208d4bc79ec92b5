import type { ScheduleHandle } from '@temporalio/client';
import { Command } from 'commander';
import { SCHEDULE_CODES, findSchedule, withSchedules } from './schedules';

interface ChangeFlags {
  readonly note?: string;
  readonly json?: true;
}

/** `temporal-ssh schedule pause`, `resume`, `trigger` and `remove`. */
export function scheduleChangeCommands(): readonly Command[] {
  return [
    change('pause', 'paused', 'start nothing until it is resumed', (handle, { note }) => handle.pause(note)).option(
      '--note <text>',
      'why; it is on the schedule'
    ),
    change('resume', 'resumed', 'start again by the clock', (handle, { note }) => handle.unpause(note)).option(
      '--note <text>',
      'why; it is on the schedule'
    ),
    change('trigger', 'triggered', 'start a run now, by the overlap policy of the schedule', (handle) =>
      handle.trigger()
    ),
    change('remove', 'removed', 'remove it; runs that have begun go on', (handle) => handle.delete()),
  ];
}

function change(
  name: string,
  done: string,
  summary: string,
  apply: (handle: ScheduleHandle, flags: ChangeFlags) => Promise<void>
): Command {
  return new Command(name)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
    .argument('<id>', 'the id of the schedule')
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', `\nExample:\n  $ temporal-ssh schedule ${name} patch\n\n${SCHEDULE_CODES}`)
    .action(async (id: string, flags: ChangeFlags) =>
      withSchedules(async (client) => {
        const { handle } = await findSchedule(client, id);
        await apply(handle, flags);
        process.stdout.write(flags.json ? `${JSON.stringify({ id, done })}\n` : `${done} ${id}\n`);
      })
    );
}
