import type { SshTransferWay } from '../../../contract';
import type { ConnectionPool } from '../../pool/connection-pool';
import type { SshTarget } from '../../target';
import { openHostFiles } from '../open-host-files';
import type { TransferOptions } from '../transfer-options';
import { removeUnfinished } from './host-directories';

// A host that is gone must not hold a step that has failed.
const LONGEST_MS = 20_000;

/** Removes what a sync left unfinished, over a connection of its own if it must. Never fails. */
export async function removeParts(
  pool: ConnectionPool,
  target: SshTarget,
  via: SshTransferWay,
  parts: ReadonlySet<string>,
  { deadlines }: Pick<TransferOptions, 'deadlines'>
): Promise<void> {
  try {
    const files = await openHostFiles(pool, target, via, { deadlines, signal: AbortSignal.timeout(LONGEST_MS) });
    try {
      await removeUnfinished(files, parts);
    } finally {
      await files.close();
    }
  } catch {
    // The failure that is told is the one of the sync.
  }
}
