import { SshError } from '../../ssh-error';
import type { TransferScope } from '../transfer-scope';

/** A failure of the worker's file system, about a path of the source that the walk has seen. */
export function localFailure(scope: TransferScope, name: string, cause: unknown): unknown {
  if (cause instanceof SshError) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === undefined) return cause;
  // A file that another has replaced by a link or a directory meanwhile is another file.
  if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR'].includes(code)) return sourceChanged(scope, name, cause);
  const what = `is not sent ${name}, which this worker cannot read (${code})`;
  return scope.failure('SshTransferSourceUnavailable', { what, stage: 'config', cause });
}

/** A file of the source is not what it was when the directory was read. */
export function sourceChanged({ failure }: TransferScope, name: string, cause?: unknown): SshError {
  return failure('SshTransferSourceChanged', { what: `is not sent ${name}, which changed meanwhile`, cause });
}
