import { Command } from 'commander';
import { connectClient } from './connect-client';
import { findRun } from './find-run';
import { RUN_EXIT_CODES } from './run-exit-codes';
import { watchRun } from './watch-run';

/** `temporal-ssh watch`. */
export function watchCommand(): Command {
  return new Command('watch')
    .summary('see a runbook, rollout or maintenance while it runs')
    .description(
      'Shows a run until it ends: as a table on a terminal, a line for each change elsewhere. Questions that wait are shown\n' +
        'with the command that answers them. Ctrl-C leaves the run as it is. NO_COLOR is respected.'
    )
    .argument('<id>', 'the id of its workflow')
    .option('--json', 'print a JSON object a line for each change, and one for the end')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh watch ssh-rollout-kernel-7
  $ temporal-ssh watch ssh-rollout-kernel-7 --json | jq .progress.counts

${RUN_EXIT_CODES}`
    )
    .action(async (id: string, { json }: { readonly json?: true }) => {
      const { client, close } = await connectClient();
      try {
        const { taskQueue } = await findRun(client, id);
        process.exitCode = await watchRun(client, id, { taskQueue, ...(json && { json }) });
      } finally {
        await close();
      }
    });
}
