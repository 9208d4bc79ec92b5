import type { SshFailureType } from '../../../contract';
import { FAILURE_HELP } from '../../failure-help';
import { SshError } from '../../ssh-error';

/** A failure on the worker's side of a transfer, before or without anything of the host. */
export function workerFailure(type: SshFailureType, host: string, what: string, cause?: unknown): SshError {
  const details = { stage: 'config', host, elapsedMs: 0, commandMayHaveRun: false } as const;
  return new SshError(type, { message: `${what}. ${FAILURE_HELP[type].next}`, details, cause });
}

const SINK_TYPES: Readonly<Record<string, SshFailureType>> = {
  ENOSPC: 'SshTransferNoSpace',
  EDQUOT: 'SshTransferQuotaExceeded',
  EROFS: 'SshTransferReadOnly',
  EACCES: 'SshTransferPermissionDenied',
  EPERM: 'SshTransferPermissionDenied',
};

const NOT_FOUND: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** What an error of the worker's file system means for a file that is read. */
export function sourceFailure(host: string, name: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  if (NOT_FOUND.has(code)) {
    return workerFailure('SshTransferSourceNotFound', host, `This worker has no file ${name}`, error);
  }
  return workerFailure('SshTransferSourceUnavailable', host, `This worker cannot read ${name} (${code})`, error);
}

/** What an error of the worker's file system means for a file that is written. */
export function sinkFailure(host: string, name: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const type = SINK_TYPES[code] ?? 'SshTransferSinkFailed';
  return workerFailure(type, host, `This worker cannot write ${name} (${code})`, error);
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof SshError || !(error instanceof Error)) return undefined;
  return (error as NodeJS.ErrnoException).code;
}
