import { Context } from '@temporalio/activity';
import { putFileProblems } from '../contract';
import type { SshPutFileInput, SshTransferResult } from '../contract';
import { attemptTransfer } from './attempt-transfer';
import { countAttempt } from './count-attempt';
import { contentSource } from './content-source';
import { placingOf } from './placing-of';
import type { TransferDependencies } from './transfer-dependencies';
import { withoutSecrets } from './without-secrets';

/** The activity `sshPutFile`. */
export type SshPutFile = (input: SshPutFileInput) => Promise<SshTransferResult>;

const PRIVATE_MODE = '0600';

/**
 * Makes the activity `sshPutFile`: content of the workflow's history, or a template with values, as a file on one host.
 *
 * Secrets are put in on the worker. A file with one has mode 0600 unless told otherwise, and neither the result nor a failure
 * tells of its content, its checksum or what a validate command wrote.
 */
export function createSshPutFile(dependencies: TransferDependencies): SshPutFile {
  return async function sshPutFile(input) {
    const context = Context.current();
    const { files, pool, uploadFile, telemetry } = dependencies;
    return countAttempt(telemetry, async () =>
      attemptTransfer(dependencies, {
        context,
        input,
        problems: putFileProblems(input),
        direction: 'to-host',
        file: ({ to }) => to,
        transfer: async (target, options) => {
          const { host, to, via = 'sftp', makeDirectories = false } = input;
          const { source, secrets } = await contentSource(input, (name) => files.secret(host, name));
          const placing = placingOf(secrets.length > 0 ? { mode: PRIVATE_MODE, ...input } : input);
          const request = { via, source, to, makeDirectories, times: false, placing };
          const upload = uploadFile(pool, target, request, options);
          if (secrets.length === 0) return upload;
          const { sha256: _sha256, ...result } = await withoutSecrets(upload, secrets);
          return result;
        },
      })
    );
  };
}
