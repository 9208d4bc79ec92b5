import { Command } from 'commander';
import { scheduleCreateCommand } from './schedule-create-command';
import { scheduleListCommand } from './schedule-list-command';
import { scheduleChangeCommands } from './schedule-change-commands';

/** `temporal-ssh schedule`. */
export function scheduleCommand(): Command {
  const command = new Command('schedule')
    .summary('runs that Temporal starts by the clock: create, list, pause, resume, trigger, remove')
    .description(
      'Schedules of Temporal that start maintenances, runbooks or rollouts. A schedule holds a copy of its file.'
    )
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh schedule create patch patch.yaml --cron '0 2 * * *' --time-zone Europe/Berlin
  $ temporal-ssh schedule list
  $ temporal-ssh schedule trigger patch`
    );
  for (const each of [scheduleCreateCommand(), scheduleListCommand(), ...scheduleChangeCommands()]) {
    command.addCommand(each);
  }
  return command;
}
