import { join } from 'node:path';
import type { SshSyncResult } from '../../../../contract';
import { readLocalTree } from '../../../../ssh/files/sync/local-tree';
import type { SyncRequest } from '../../../../ssh/files/sync/sync-request';
import { MOST_ENTRIES, SyncTree } from '../../../../ssh/files/sync/sync-tree';
import type { SyncOutcome } from '../../../../ssh/files/sync/sync-tree';
import { treeFilter } from '../../../../ssh/files/sync/tree-filter';
import type { TransferProgress } from '../../../../ssh/files/transfer-options';
import type { TransferScope } from '../../../../ssh/files/transfer-scope';
import { StageClock } from '../../../../ssh/stage-clock';
import { makeScratch } from '../../../support/scratch';
import type { Owned } from '../../../support/test-owner';
import { PATIENT } from '../../support/engine';
import { localHostFiles } from './local-host-files';
import type { LocalHostFiles } from './local-host-files';

/** The target that failures name. */
export const NOWHERE = { name: 'web-1', address: '127.0.0.1', port: 1 } as const;

/** A source and a target on this machine. */
export interface SyncGround {
  readonly source: string;
  readonly target: string;
  readonly files: LocalHostFiles;
  /** One attempt, whose unfinished copies stay if it fails. */
  sync(request?: Partial<SyncRequest>, options?: SyncGroundOptions): Promise<SyncOutcome>;
}

/** What an attempt is given beyond its request. */
export interface SyncGroundOptions {
  readonly key?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TransferProgress) => void;
  /** Called between the reading of the source and everything else. */
  readonly afterReading?: () => void;
}

/** For tests of what a sync decides, without a server. */
export function syncGround({ t }: Required<Owned>): SyncGround {
  const scratch = makeScratch({ t });
  const [source, target] = [join(scratch.path, 'source'), join(scratch.path, 'target')];
  const files = localHostFiles();
  return {
    source,
    target,
    files,
    sync: async (parts = {}, { key = 'key', signal, onProgress, afterReading } = {}) => {
      const request: SyncRequest = { from: { directory: source, name: 'app:source' }, to: target, ...parts };
      const scope = scopeOf(signal);
      const filter = treeFilter(request);
      const local = await readLocalTree({ ...request.from, filter, scope, maxEntries: MOST_ENTRIES });
      afterReading?.();
      return new SyncTree(files, local, request, { key, ...(onProgress && { onProgress }) }, scope).run();
    },
  };
}

/** What makes the failures of a transfer to {@link NOWHERE}. */
export function scopeOf(signal: AbortSignal = new AbortController().signal): TransferScope {
  const clock = new StageClock(NOWHERE, PATIENT);
  return { signal, failure: (type, parts) => clock.failure(type, { stage: 'run', ...parts }) };
}

/** The counts of a result. */
export function counts({ created, updated, deleted, unchanged }: SyncOutcome | SshSyncResult): string {
  return `+${created} ~${updated} -${deleted} =${unchanged}`;
}
