import { setMaxListeners } from 'node:events';
import type { SshSyncResult } from '../../../contract';
import type { ConnectionPool } from '../../pool/connection-pool';
import type { SshTarget } from '../../target';
import { ExecHost } from '../exec-host';
import { mayGoOn } from '../may-go-on';
import { openHostFiles } from '../open-host-files';
import type { TransferOptions } from '../transfer-options';
import { inTransferScope } from '../transfer-scope';
import { readLocalTree } from './local-tree';
import { removeParts } from './remove-parts';
import type { SyncRequest } from './sync-request';
import { MOST_ENTRIES, SyncTree } from './sync-tree';
import { treeFilter } from './tree-filter';

/**
 * Makes a directory of a host like one of the worker: what is missing or has another size or SHA-256 is sent, and with `delete`
 * what the source does not have is removed.
 *
 * Each file is whole or not there: it is written beside its place, proven by its SHA-256 and put in its place at once. The
 * directory as a whole is not: a failure leaves some files new and others old, and an attempt that follows sends what is
 * missing. What an earlier attempt with the same key left unfinished is used, once it is proven, or removed.
 *
 * - Links in the source that lead to a file of the directory are taken as that file; other links, devices, sockets and FIFOs are
 *   `SshTransferNotAllowed` unless they are excluded. More than 250,000 entries are `SshTransferTooLarge`.
 * - On the host, a link in the place of a file is replaced, and what it leads to stays. A directory in the place of a file, or
 *   anything else in the place of a directory, is `SshTransferTargetUnsuitable`, before anything is changed.
 * - Permissions that differ are corrected. Owners stay those of the files that are replaced, if the remote user is root.
 * - Directories that are made have `directoryMode`; those that are there stay as they are. With `delete`, those are removed that
 *   are empty then and that the source does not have. They are listed in `changes`, and not counted.
 * - In the progress, `bytes` is what was sent of all files.
 *
 * @throws {@link SshError} for every failure, and the signal's reason when aborted
 */
export async function syncDirectory(
  pool: ConnectionPool,
  target: SshTarget,
  request: SyncRequest,
  options: TransferOptions
): Promise<SshSyncResult> {
  const { via = 'sftp' } = request;
  return inTransferScope(target, options, async (scope) => {
    const startedAt = performance.now();
    const filter = treeFilter(request);
    const local = await readLocalTree({ ...request.from, filter, scope, maxEntries: MOST_ENTRIES });
    const files = await openHostFiles(pool, target, via, { ...options, signal: scope.signal });
    const shell = new ExecHost(pool, target, { deadlines: options.deadlines, signal: scope.signal });
    // Each request listens to it, and there are many at a time.
    setMaxListeners(0, scope.signal);
    const tree = new SyncTree(files, local, request, options, scope, shell);
    try {
      const outcome = await tree.run().finally(() => files.close());
      const { name: host } = target;
      const { hostKeyFingerprint } = files;
      const elapsedMs = Math.round(performance.now() - startedAt);
      return { host, hostKeyFingerprint, ...outcome, elapsedMs, attempt: options.attempt ?? 1 };
    } catch (error) {
      // After the channel was closed: what was still on its way there could make them anew.
      if (tree.parts.size > 0 && !mayGoOn(error, options)) await removeParts(pool, target, via, tree.parts, options);
      throw error;
    }
  });
}
