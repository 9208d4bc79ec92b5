import type { SshExecOptions } from './step-options';

/** An undo step as data: it can be carried into the run that follows a continue-as-new. */
export interface SshUndoStep {
  readonly name: string;
  readonly host: string;
  /** Undoes what was done. It must do no harm where there is nothing to undo, nor when it runs twice. */
  readonly command: string | readonly string[];
  /** As those of `exec`. `idempotent` is true and `deadline` is an hour unless said otherwise. */
  readonly options?: SshExecOptions;
}

/** An undo step that failed. */
export interface SshUndoFailure {
  readonly name: string;
  readonly type: string;
  readonly message: string;
}

/** `details[0]` of `SshCompensated` and `SshCompensationFailed`. */
export interface SshCompensationOutcome {
  /** What began it. */
  readonly failure: {
    readonly type: string;
    readonly message: string;
    /** Whether the step that failed may have done its work all the same, as after `SshOutcomeUnknown`. */
    readonly mayHaveRun: boolean;
  };
  /**
   * What was registered, in the order of registration. The last one belongs to what was under way: it may have been done
   * in part or not at all. Those of runs before a continue-as-new come first.
   */
  readonly registered: readonly string[];
  /** The undo steps that succeeded, in the order in which they ran. */
  readonly undone: readonly string[];
  readonly notUndone: readonly SshUndoFailure[];
}
