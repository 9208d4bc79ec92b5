import { CancellationScope } from '@temporalio/workflow';
import type { SshExecOptions } from '../contract';

/** What runs in it undoes something. No cancellation of the workflow reaches it. */
export class UndoScope extends CancellationScope {
  constructor() {
    super({ cancellable: false });
  }

  /** Whether the caller runs in one, however deep. */
  static isCurrent(): boolean {
    for (let scope: CancellationScope | undefined = CancellationScope.current(); scope; scope = scope.parent) {
      if (scope instanceof UndoScope) return true;
    }
    return false;
  }
}

/** How long a step that undoes may take, where nothing else is said. */
export const UNDO_DEADLINE = '1h';

/**
 * The options of an exec where it undoes something: by contract it may run twice, and it must not wait for ever for a host
 * that is gone, since the undo steps after it wait for it.
 */
export function undoDefaults(options: SshExecOptions): SshExecOptions {
  const idempotent = options.idempotent ?? options.once !== true;
  return { ...options, deadline: options.deadline ?? UNDO_DEADLINE, ...(options.once !== true && { idempotent }) };
}
