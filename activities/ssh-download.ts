import { Context } from '@temporalio/activity';
import { downloadProblems } from '../contract';
import type { SshDownloadInput, SshTransferResult } from '../contract';
import { attemptTransfer } from './attempt-transfer';
import { countAttempt } from './count-attempt';
import { modeOf } from './placing-of';
import type { TransferDependencies } from './transfer-dependencies';

/** The activity `sshDownload`. */
export type SshDownload = (input: SshDownloadInput) => Promise<SshTransferResult>;

/**
 * Makes the activity `sshDownload`: one file from one host to where the worker's configuration allows, whole or not at all.
 *
 * An attempt on the same worker goes on with what earlier ones have received, once the host has proven it.
 */
export function createSshDownload(dependencies: TransferDependencies): SshDownload {
  return async function sshDownload(input) {
    const context = Context.current();
    const { files, pool, downloadFile, telemetry } = dependencies;
    return countAttempt(telemetry, async () =>
      attemptTransfer(dependencies, {
        context,
        input,
        problems: downloadProblems(input),
        direction: 'from-host',
        file: ({ from }) => from,
        transfer: async (target, options) => {
          const { host, from, to, via = 'sftp', sha256, mode = '0644' } = input;
          const sink = files.sink(host, to, modeOf(mode));
          const maxBytes = Math.min(input.maxBytes ?? Infinity, files.maxBytes);
          const request = {
            ...{ via, from, sink },
            ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
            ...(maxBytes < Infinity && { maxBytes }),
          };
          return downloadFile(pool, target, request, options);
        },
      })
    );
  };
}
