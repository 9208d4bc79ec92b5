import { Context } from '@temporalio/activity';
import { syncProblems } from '../contract';
import type { SshSyncInput, SshSyncResult } from '../contract';
import { attemptTransfer } from './attempt-transfer';
import { countAttempt } from './count-attempt';
import { modeOf } from './placing-of';
import type { TransferDependencies } from './transfer-dependencies';

/** The activity `sshSync`. */
export type SshSync = (input: SshSyncInput) => Promise<SshSyncResult>;

/**
 * Makes the activity `sshSync`: a directory of a host becomes like one of the worker. Each file is whole or not there; an attempt
 * that follows a failed one sends what is missing.
 */
export function createSshSync(dependencies: TransferDependencies): SshSync {
  return async function sshSync(input) {
    const context = Context.current();
    const { files, pool, syncDirectory, telemetry } = dependencies;
    return countAttempt(telemetry, async () =>
      attemptTransfer(dependencies, {
        context,
        input,
        problems: syncProblems(input),
        direction: 'to-host',
        file: ({ to }) => to,
        transfer: async (target, options) => {
          const { host, from, timeouts: _timeouts, fileMode, directoryMode, ...rest } = input;
          const request = {
            ...rest,
            from: await files.directory(host, from),
            ...(fileMode !== undefined && { fileMode: modeOf(fileMode) }),
            ...(directoryMode !== undefined && { directoryMode: modeOf(directoryMode) }),
          };
          return syncDirectory(pool, target, request, options);
        },
      })
    );
  };
}
