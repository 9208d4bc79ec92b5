import { userInfo } from 'node:os';
import { Command } from 'commander';
import { evictFromSshGate } from '../client';
import { gateRequest } from './gate-request';
import { renderGate } from './render-gate';

interface EvictFlags {
  readonly request: string;
  readonly reason: string;
  readonly by?: string;
  readonly json?: true;
}

/** `temporal-ssh gate evict`. */
export function gateEvictCommand(): Command {
  return new Command('evict')
    .summary('take a lease, or a place in the queue, away')
    .description(
      'Takes a lease away. Its block is cancelled and fails as SshGateLost; the next one is let in when the block has\n' +
        'stopped, or after its grace. Done twice, the next one is let in at once, whatever still runs.'
    )
    .argument('<name>', 'the name that withHost was given')
    .requiredOption('--request <id>', 'the request id, as `gate show` has it')
    .requiredOption('--reason <text>', 'told to the workflow, and kept on record')
    .option('--by <who>', 'who does it, kept on record (else the name of the local user)')
    .option('--json', 'print the state after it as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ temporal-ssh gate evict web-1 --request 0199...c2.1 --reason 'deploy hangs, see INC-7'

Exit codes: 0 taken away; 1 no such request; 64 usage, 69 Temporal or a worker of the gate unavailable.`
    )
    .action(async (name: string, { request: requestId, reason, by = userInfo().username, json }: EvictFlags) => {
      const state = await gateRequest(name, (client) => evictFromSshGate(client, name, { requestId, by, reason }));
      process.stdout.write(json ? `${JSON.stringify(state, null, 2)}\n` : renderGate(state));
    });
}
