import { Command, Option } from 'commander';
import type { Duration } from '@temporalio/common';
import type { SshTimeouts, SshTransferWay } from '../contract';
import { copyFiles } from './copy-files';
import { duration, timeout } from './option-parsers';

/** What `temporal-ssh cp` was given. */
export interface CpFlags {
  readonly taskQueue: string;
  readonly workflowId?: string;
  readonly deadline: Duration;
  readonly timeout?: SshTimeouts;
  readonly via?: SshTransferWay;
  readonly sha256?: string;
  readonly mode?: string;
  readonly owner?: string;
  readonly backup?: true;
  readonly validate?: string;
  readonly makeDirectories?: true;
  readonly times?: true;
  readonly sync?: true;
  readonly delete?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** `temporal-ssh cp`. */
export function cpCommand(): Command {
  return new Command('cp')
    .summary('bring files to a host or from it, whole or not at all, as a durable workflow')
    .description(
      'Runs the workflow sshTransfer: one file, or with --sync one directory, to a host or from it. One side is\n' +
        'HOST:PATH, the other one is on the worker: @ROOT/PATH below one of its roots, or a URL with --sha256. A file of\n' +
        'this machine, of at most 256 KiB, is sent as content, which stays in the history of the workflow: no secrets.'
    )
    .argument('<source>', 'HOST:PATH, @ROOT/PATH, https://... or a small file of this machine')
    .argument('<target>', 'HOST:PATH or @ROOT/PATH; one that ends with / is the directory for the file')
    .option('--task-queue <name>', 'the task queue of the workers', 'temporal-ssh')
    .option('--workflow-id <id>', 'the id of the workflow; a second start with the same id is refused while it runs')
    .option('--deadline <duration>', 'how long it may take in all, with every retry', duration, '24h' as Duration)
    .option('--timeout <stage=duration>', 'the deadline of a stage, such as idle=120s; repeatable', timeout)
    .addOption(new Option('--via <way>', 'how files reach the host (default: sftp)').choices(['sftp', 'exec']))
    .option('--sha256 <hex>', 'what the file must have')
    .option('--mode <octal>', 'permissions of the file, or with --sync of each file, such as 0644')
    .option('--owner <user[:group]>', 'the owner of the file on the host')
    .option('--backup', 'keep the file that is replaced, as PATH.YYYYMMDDTHHMMSSZ.bak')
    .option('--validate <command>', 'a command on the host that checks the new file, with {} for its path')
    .option('--make-directories', 'make missing directories above the file')
    .option('--times', "give the file the source's time of last modification")
    .option('-r, --sync', 'make the directory TARGET like the directory SOURCE; only what differs is sent')
    .option('--delete', 'with --sync: remove what the source does not have')
    .option('--dry-run', 'with --sync: only tell what would be done')
    .option('--json', 'print one JSON object with the result or the failure instead')
    .option('--quiet', 'tell of no progress and no retries on stderr')
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-ssh cp @builds/app.tgz web-1:/opt/app/ --make-directories
  $ temporal-ssh cp sudoers web-1:/etc/sudoers.d/app --mode 0440 --validate 'visudo -cf {}'
  $ temporal-ssh cp web-1:/var/log/app.log @logs/web-1.log
  $ temporal-ssh cp -r @site/public web-1:/srv/www --delete --dry-run

A worker has roots by \`temporal-ssh worker --root NAME=DIRECTORY[:rw]\`; that of \`temporal-ssh dev\` has @cwd, and its host local takes files --via exec.
Exit codes: 0 done; 64 usage, 69 Temporal or its workers unavailable, 75 temporary failure, 76 terminal failure,
78 configuration, 130 interrupted.`
    )
    .action(async (source: string, target: string, flags: CpFlags) => {
      process.exitCode = await copyFiles(source, target, flags);
    });
}
