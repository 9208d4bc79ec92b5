import { Command } from 'commander';
import { sshGateState } from '../client';
import { gateRequest } from './gate-request';
import { renderGate } from './render-gate';

/** `temporal-ssh gate show`. */
export function gateShowCommand(): Command {
  return new Command('show')
    .summary('who holds a host, and who waits for it')
    .description(
      'Prints who holds a host, who waits for it in which order, and which leases were taken away. A name that\n' +
        'nobody has used is shown as free: names are not compared with those in the hosts file.'
    )
    .argument('<name>', 'the name that withHost was given')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ temporal-ssh gate show web-1

Exit codes: 0 shown, also when nobody holds it; 64 usage, 69 Temporal or a worker of the gate unavailable.`
    )
    .action(async (name: string, flags: { readonly json?: true }) => {
      const state = (await gateRequest(name, (client) => sshGateState(client, name))) ?? {
        name,
        holders: [],
        waiting: [],
        evictions: [],
      };
      process.stdout.write(flags.json ? `${JSON.stringify(state, null, 2)}\n` : renderGate(state));
    });
}
