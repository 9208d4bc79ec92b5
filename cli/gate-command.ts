import { Command } from 'commander';
import { gateEvictCommand } from './gate-evict-command';
import { gateShowCommand } from './gate-show-command';

/** `temporal-ssh gate`. */
export function gateCommand(): Command {
  const command = new Command('gate')
    .summary('who works on a host alone, and who waits for it: show, evict')
    .description(
      'Workflows that use withHost on the same host take turns. These look at its gate through Temporal, where a worker\n' +
        'has to run that serves it.'
    )
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh gate show web-1
  $ temporal-ssh gate evict web-1 --request 0199...c2.1 --reason 'deploy hangs, see INC-7'`
    );
  for (const each of [gateShowCommand(), gateEvictCommand()]) command.addCommand(each);
  return command;
}
