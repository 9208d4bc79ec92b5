import type { SshFailureType } from '../contract';
import type { FailureParts } from './stage-clock';

/** What a consumer of a command's output throws: the step fails with this, and with what only the step knows. */
export class ExecFault extends Error {
  constructor(
    readonly type: SshFailureType,
    readonly parts: FailureParts
  ) {
    super(parts.what);
    this.name = 'ExecFault';
  }
}
