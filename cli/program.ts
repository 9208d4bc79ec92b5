import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { checkCommand } from './check-command';
import { cpCommand } from './cp-command';
import { devCommand } from './dev-command';
import { execCommand } from './exec-command';
import { gateCommand } from './gate-command';
import { jobCommand } from './job-command';
import { runFileCommand } from './run-file-command';
import { runUpdateCommands } from './run-update-commands';
import { scheduleCommand } from './schedule-command';
import { watchCommand } from './watch-command';
import { workerCommand } from './worker-command';

/** The command line of `temporal-ssh`. It throws `CommanderError` instead of ending the process. */
export function createProgram(): Command {
  const program = new Command('temporal-ssh')
    .description('SSH steps for Temporal workflows: a deadline and a failure type for every stage.')
    .version(packageVersion())
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh dev                          start a server, a worker and a host to try it on
  $ temporal-ssh exec local -- uname -a       run a command as a durable workflow
  $ temporal-ssh job start local -- 'make all'   run one that survives workers and connections
  $ temporal-ssh cp motd local:/tmp/motd      bring a file to a host, whole or not at all
  $ temporal-ssh run release.yaml             run the steps of a file on hosts, each with its undo
  $ temporal-ssh check web-1                  see stage by stage why a host cannot be reached`
    );
  for (const command of [
    devCommand(),
    workerCommand(),
    execCommand(),
    cpCommand(),
    jobCommand(),
    gateCommand(),
    checkCommand(),
  ]) {
    program.addCommand(command);
  }
  for (const command of [
    runFileCommand('runbook'),
    runFileCommand('rollout'),
    runFileCommand('maintenance'),
    watchCommand(),
    ...runUpdateCommands(),
    scheduleCommand(),
  ]) {
    program.addCommand(command);
  }
  throwInsteadOfExit(program);
  return program;
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwInsteadOfExit);
}

function packageVersion(): string {
  const text = readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
