import { Context } from '@temporalio/activity';
import { uploadProblems } from '../contract';
import type { SshTransferResult, SshUploadInput } from '../contract';
import { attemptTransfer } from './attempt-transfer';
import { countAttempt } from './count-attempt';
import { placingOf } from './placing-of';
import type { TransferDependencies } from './transfer-dependencies';

/** The activity `sshUpload`. */
export type SshUpload = (input: SshUploadInput) => Promise<SshTransferResult>;

/**
 * Makes the activity `sshUpload`: one file from where the worker's configuration allows to one host, whole or not at all.
 *
 * An attempt goes on with what earlier ones have sent, once the host has proven it. A cancellation stops it and removes the
 * unfinished copy; what a worker that shuts down leaves is for the next one.
 */
export function createSshUpload(dependencies: TransferDependencies): SshUpload {
  return async function sshUpload(input) {
    const context = Context.current();
    return countAttempt(dependencies.telemetry, async () =>
      attemptTransfer(dependencies, {
        context,
        input,
        problems: uploadProblems(input),
        direction: 'to-host',
        file: ({ to }) => to,
        transfer: async (target, options) => {
          const { host, from, to, via = 'sftp', sha256, makeDirectories = false, times = false } = input;
          const source = dependencies.files.source(host, from, options.deadlines.idle ?? Infinity);
          const expected = sha256 === undefined ? {} : { sha256: sha256.toLowerCase() };
          const request = { via, source, to, makeDirectories, times, ...expected, placing: placingOf(input) };
          return dependencies.uploadFile(dependencies.pool, target, request, options);
        },
      })
    );
  };
}
