import { Command } from 'commander';
import type { SshRunKind } from '../client';
import { environment, repeated } from './option-parsers';
import { RUN_EXIT_CODES } from './run-exit-codes';
import { startRun } from './start-run';

/** What `temporal-ssh run`, `rollout` and `maintain` were given. */
export interface RunFileFlags {
  readonly taskQueue: string;
  readonly id?: string;
  readonly env?: Record<string, string>;
  readonly host?: readonly string[];
  readonly done?: readonly string[];
  readonly dryRun?: true;
  readonly gate: boolean;
  readonly detach?: true;
  readonly json?: true;
}

const WORDS = {
  runbook: { name: 'run', workflow: 'sshRunbook', what: 'steps on hosts, one after the other', file: 'release.yaml' },
  rollout: {
    name: 'rollout',
    workflow: 'sshRollout',
    what: 'the same steps on many hosts, some at a time',
    file: 'kernel.yaml',
  },
  maintenance: {
    name: 'maintain',
    workflow: 'sshMaintenance',
    what: 'drain, work, reboot, verify and restore each host',
    file: 'patch.yaml',
  },
} as const;

/** `temporal-ssh run`, `rollout` or `maintain`. */
export function runFileCommand(kind: SshRunKind): Command {
  const { name, workflow, what, file } = WORDS[kind];
  const command = new Command(name)
    .summary(`start a ${kind} from a file, and see it: ${what}`)
    .description(
      `Starts the workflow ${workflow} with a ${kind} of a YAML or JSON file, and shows it until it ends. The file is checked first:\n` +
        'every problem is told with its line and column, and nothing is started. Ctrl-C leaves the run as it is.'
    )
    .argument('<file>', `the file with the ${kind}, of 1 MiB at most; - for the standard input`)
    .option('--task-queue <name>', 'the task queue of the workers', 'temporal-ssh')
    .option('--id <id>', 'the id of the workflow; a second start with the same id is refused while it runs')
    .option(
      '--env <name=value>',
      'an environment variable of each command, in place of that of the file; no secret; repeatable',
      environment
    )
    .option('--host <name>', "a host, in place of the file's hosts; repeatable", repeated)
    .option('--dry-run', 'only check each host: the login, and the programs it must have; changes nothing')
    .option('--no-gate', 'do not hold the gates of the hosts: other runs may be on them at the same time')
    .option('--detach', 'do not wait: print the id and leave')
    .option('--json', 'print a JSON object a line for each change; with --detach one with the id');
  if (kind === 'rollout') {
    command.option(
      '--done <name>',
      'a host that is done already, as a failed rollout reports it; repeatable',
      repeated
    );
  }
  return command
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh ${name} ${file} --dry-run
  $ temporal-ssh ${name} ${file} --env VERSION=1.2.3
  $ temporal-ssh ${name} - --detach < ${file}

${RUN_EXIT_CODES}`
    )
    .action(async (path: string, flags: RunFileFlags) => {
      process.exitCode = await startRun(kind, path, flags);
    });
}
