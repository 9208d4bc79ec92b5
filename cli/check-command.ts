import { Command } from 'commander';
import type { SshTimeouts } from '../contract';
import { checkHost } from '../ssh/check-host';
import { createHostDirectory } from '../ssh/hosts';
import { EXIT } from './exit-codes';
import { hostsPath } from './hosts-path';
import { timeout } from './option-parsers';
import { renderCheck } from './render-check';

interface CheckFlags {
  readonly hosts?: string;
  readonly timeout?: SshTimeouts;
  readonly json?: true;
}

/** `temporal-ssh check`. */
export function checkCommand(): Command {
  return new Command('check')
    .summary('connect to a host from here, stage by stage')
    .description(
      'Connects to a host and logs in, without Temporal and without running a command, and prints each stage with its\n' +
        'time, what the server says it is, its host key, the algorithms and the authentication methods it offers. It is a login like any\n' +
        'other: a password that is wrong counts as a failed try each time.'
    )
    .argument('<host>', "the host's name in the hosts file")
    .option('--hosts <file>', 'the hosts file (else TEMPORAL_SSH_HOSTS, ./hosts.yaml, or that of `temporal-ssh dev`)')
    .option('--timeout <stage=duration>', 'the deadline of a stage, such as banner=120s; repeatable', timeout)
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh check web-1 --hosts hosts.yaml
  $ temporal-ssh check local --json

Exit codes: 0 the host is fine, 1 it is not, 64 usage, 78 the hosts file is wrong.`
    )
    .action(async (host: string, flags: CheckFlags) => {
      const { resolve } = createHostDirectory(hostsPath(flags.hosts));
      const report = await checkHost(host, resolve, flags.timeout ? { timeouts: flags.timeout } : {});
      process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : renderCheck(report));
      const unknownHost = report.failure?.details.stage === 'config';
      process.exitCode = report.ok ? EXIT.ok : unknownHost ? EXIT.config : EXIT.failed;
    });
}
