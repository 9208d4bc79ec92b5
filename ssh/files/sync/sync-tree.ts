import type { SshSyncResult } from '../../../contract';
import type { ExecHost } from '../exec-host';
import type { HostFiles } from '../host-files';
import type { TransferOptions, TransferProgress } from '../transfer-options';
import type { TransferScope } from '../transfer-scope';
import { compareTrees } from './compare-trees';
import { eachOf } from './each-of';
import { makeDirectories, removeEntries, removeUnfinished } from './host-directories';
import { readHostTree } from './host-tree';
import type { HostTree } from './host-tree';
import type { LocalTree } from './local-tree';
import { planRemovals } from './plan-removals';
import { findSameContent } from './same-content';
import { sendBundles, treeVersion } from './send-bundles';
import { sendFiles } from './send-files';
import { listChanges, makePlan, wantedMode } from './sync-plan';
import type { SyncPlan } from './sync-plan';
import type { SyncRequest } from './sync-request';
import { treeFilter } from './tree-filter';

/** More files and directories than this are more than one step should hold in memory. */
export const MOST_ENTRIES = 250_000;

const MOST_REMOVALS = 1_000;
const DIRECTORY_MODE = 0o755;
const ADJUST_AT_ONCE = { sftp: 32, exec: 4 } as const;

/** What {@link SyncTree.run} tells. */
export type SyncOutcome = Omit<SshSyncResult, 'host' | 'hostKeyFingerprint' | 'elapsedMs' | 'attempt'>;

/** One attempt to make a directory of the host like one of the worker. */
export class SyncTree {
  /** Unfinished copies on the host, by their paths: what is to be removed if the sync fails for good. */
  readonly parts = new Set<string>();
  #filesDone = 0;
  #bytes = 0;
  #filesTotal = 0;
  #totalBytes = 0;

  constructor(
    private readonly files: HostFiles,
    private readonly local: LocalTree,
    private readonly request: SyncRequest,
    private readonly options: Pick<TransferOptions, 'key' | 'onProgress'>,
    private readonly scope: TransferScope,
    /** Runs commands on the host, for what is quicker so. */
    private readonly shell?: ExecHost
  ) {
    this.#filesTotal = local.files.size;
  }

  async run(): Promise<SyncOutcome> {
    const { request, local } = this;
    const found = await this.#findTarget();
    const filter = treeFilter(request);
    const host = await readHostTree(this.files, {
      ...{ directory: found.path, filter, maxEntries: MOST_ENTRIES },
      ...{ key: this.options.key, scope: this.scope },
    });
    // A failure that no attempt follows is to leave none of them.
    if (!request.dryRun) for (const part of host.ownParts.keys()) this.parts.add(`${found.path}/${part}`);
    const plan = await this.#plan(found.path, host);
    this.#requireFewRemovals(plan, found.path);
    const path = request.dryRun ? found.path : await this.#makeTarget(found);
    const transferredBytes = request.dryRun ? 0 : await this.#carryOut(plan, path, host);
    const { created, updated, unchanged, remove } = plan;
    return {
      ...{ path, files: local.files.size, bytes: local.bytes },
      ...{ created, updated, deleted: remove.files.length, unchanged },
      ...{ transferredBytes, changes: listChanges(plan) },
    };
  }

  async #findTarget(): Promise<{ readonly path: string; readonly there: boolean }> {
    const { to } = this.request;
    if (!(await this.files.stat(to))) return { path: to, there: false };
    const path = await this.files.resolve(to);
    const facts = await this.files.stat(path);
    if (facts && facts.kind !== 'directory') {
      throw this.scope.failure('SshTransferTargetUnsuitable', {
        what: `has something that is no directory at ${path}`,
      });
    }
    return { path, there: facts !== undefined };
  }

  async #makeTarget({ path, there }: { readonly path: string; readonly there: boolean }): Promise<string> {
    if (there) return path;
    await this.files.makeDirectory(path, this.request.directoryMode ?? DIRECTORY_MODE);
    return this.files.resolve(path);
  }

  async #plan(path: string, host: HostTree): Promise<SyncPlan> {
    const { local, request, scope } = this;
    const comparison = compareTrees(local, host, scope, path);
    const removals = request.delete ? planRemovals(local, host, treeFilter(request)) : { files: [], directories: [] };
    const onFile = (file: string): void => this.#report('verify', file);
    const reading = { ...request.from, scope };
    const same = await findSameContent(this.files, path, comparison.alike, reading, onFile);
    return makePlan(comparison, same, removals, request.fileMode);
  }

  #requireFewRemovals({ remove }: SyncPlan, path: string): void {
    // A directory that was emptied or not mounted, or a glob with a slip, must not empty the host.
    const { maxDelete = this.local.files.size === 0 ? 0 : MOST_REMOVALS } = this.request;
    if (remove.files.length <= maxDelete) return;
    const what = `would lose ${remove.files.length} files of ${path}, such as ${remove.files[0]}; maxDelete is ${maxDelete}`;
    throw this.scope.failure('SshTransferTooManyDeletes', { what });
  }

  async #carryOut(plan: SyncPlan, target: string, host: HostTree): Promise<number> {
    const { files, request, scope } = this;
    const { directoryMode = DIRECTORY_MODE, fileMode } = request;
    this.#filesDone = plan.unchanged;
    this.#totalBytes = plan.send.reduce((sum, { file }) => sum + file.size, 0);
    await makeDirectories(files, target, plan.directories, directoryMode, scope);
    const sending = {
      ...request.from,
      ...{ target, scope, fileMode, key: this.options.key, ownParts: host.ownParts, parts: this.parts },
      version: treeVersion(this.local.files.values()),
      onBytes: (file: string, more: number) => {
        this.#bytes += more;
        this.#report('transfer', file);
      },
      onPlaced: (file: string) => this.#done(file),
    };
    const bundled = this.shell
      ? await sendBundles(this.shell, files, plan.send, sending)
      : { bytes: 0, left: plan.send };
    const bytes = bundled.bytes + (await sendFiles(files, bundled.left, sending));
    await eachOf(plan.adjust, ADJUST_AT_ONCE[files.via], async (pair) => {
      scope.signal.throwIfAborted();
      await files.setAttributes(`${target}/${pair.file.path}`, { mode: wantedMode(pair, fileMode) });
      this.#done(pair.file.path);
    });
    // What is left of them is of files that the source has no more, or has changed since.
    await removeUnfinished(files, this.parts);
    this.parts.clear();
    await removeEntries(files, target, plan.remove, scope);
    return bytes;
  }

  #done(file: string): void {
    this.#filesDone += 1;
    this.#report('place', file);
  }

  #report(phase: TransferProgress['phase'], file: string): void {
    this.options.onProgress?.({
      ...{ phase, file, bytes: this.#bytes, totalBytes: this.#totalBytes },
      ...{ filesDone: this.#filesDone, filesTotal: this.#filesTotal },
    });
  }
}
