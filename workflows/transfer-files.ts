import { downloadProblems, putFileProblems, syncProblems, uploadProblems } from '../contract';
import type {
  SshDownloadOptions,
  SshFileSink,
  SshFileSource,
  SshHostDefaults,
  SshPutFileOptions,
  SshRootPath,
  SshSyncOptions,
  SshSyncResult,
  SshTransferResult,
  SshUploadOptions,
} from '../contract';
import { transferStep } from './transfer-step';

/** Files of a host, as a workflow moves them. */
export interface SshHostFiles {
  /**
   * Brings a file to the host, whole or not at all, in exactly one activity, `sshUpload`. A reader of the target sees the old
   * file or the new one at any moment; an attempt that follows a failed one goes on where the host has proven the bytes.
   *
   * @param from - where the worker has it from, as its configuration allows: `'ROOT:PATH'`, `{ url, sha256 }`, or
   * `{ source, key }`.
   * @param to - the file's path on the host.
   * @throws `ApplicationFailure` of type `SshInvalidOptions`, at once, for bad options.
   * @throws `ActivityFailure` whose cause is an `ApplicationFailure` with one of our types, such as `SshTransferNoSpace`.
   * It is never `SshOutcomeUnknown`, since a transfer can be repeated.
   */
  upload(from: SshFileSource, to: string, options?: SshUploadOptions): Promise<SshTransferResult>;
  /**
   * Brings a file from the host to the worker that took the step, whole or not at all, in exactly one activity, `sshDownload`.
   *
   * @throws as {@link SshHostFiles.upload}, and `SshTransferSinkFailed`.
   */
  download(from: string, to: SshFileSink, options?: SshDownloadOptions): Promise<SshTransferResult>;
  /**
   * Makes a file on the host of content of the workflow, or of a template with `values`, whole or not at all, in exactly one
   * activity, `sshPutFile`. The content is part of the history; secrets are named, and put in on the worker.
   *
   * @throws as {@link SshHostFiles.upload}
   */
  putFile(to: string, content: string, options?: SshPutFileOptions): Promise<SshTransferResult>;
  /**
   * Makes a directory of the host like one of the worker, in exactly one activity, `sshSync`: only files that differ are sent,
   * each whole or not at all. With `delete`, files that the source does not have are removed.
   *
   * @throws as {@link SshHostFiles.upload}, and `SshTransferTooManyDeletes`.
   */
  sync(from: string | SshRootPath, to: string, options?: SshSyncOptions): Promise<SshSyncResult>;
}

/** The last part of a source's or sink's name. Of a URL, nothing after its path: that may be a signature. */
function shortName(value: unknown): string {
  const { path, key, url } = (typeof value === 'object' && value !== null ? value : { path: value }) as Partial<
    Record<string, string>
  >;
  const text = path ?? key ?? url?.replace(/[?#].*$/s, '') ?? '';
  return text.split(/[/:]/).filter(Boolean).at(-1) ?? text;
}

/** The helpers that move files of a host. */
export function transferFiles(host: string, defaults: SshHostDefaults): SshHostFiles {
  const shared = { host, defaults };
  return {
    upload: async (from, to, options = {}) =>
      transferStep<SshTransferResult>({
        ...shared,
        ...({ name: 'sshUpload', step: 'upload', options, fixed: { from, to }, problems: uploadProblems } as const),
        summary: () => `upload ${shortName(from)} to ${host}:${to}`,
      }),
    download: async (from, to, options = {}) =>
      transferStep<SshTransferResult>({
        ...shared,
        ...({ name: 'sshDownload', step: 'download', options } as const),
        ...{ fixed: { from, to }, problems: downloadProblems },
        summary: () => `download ${host}:${from} to ${shortName(to)}`,
      }),
    putFile: async (to, content, options = {}) =>
      transferStep<SshTransferResult>({
        ...shared,
        ...({ name: 'sshPutFile', step: 'putFile', options } as const),
        ...{ fixed: { to, content }, problems: putFileProblems },
        summary: () => `put ${host}:${to}`,
      }),
    sync: async (from, to, options = {}) =>
      transferStep<SshSyncResult>({
        ...shared,
        ...({ name: 'sshSync', step: 'sync', options, fixed: { from, to }, problems: syncProblems } as const),
        summary: ({ dryRun }) => `sync ${shortName(from)} to ${host}:${to}${dryRun === true ? ' (dry run)' : ''}`,
      }),
  };
}
