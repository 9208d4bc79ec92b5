import { failureText } from '../failure-text';

/** A step has failed, and the run is not to go on. Never leaves the package: it becomes a Temporal failure. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';

  private constructor(
    message: string,
    /** What the step failed with. */
    readonly failure: unknown,
    readonly then: 'undo' | 'stop'
  ) {
    super(message);
  }

  /** What began it: the failure in a failed step, any other error as it is. */
  static cause(error: unknown): unknown {
    return error instanceof StepFailed ? error.failure : error;
  }

  static create(step: string, host: string | undefined, failure: unknown, then: 'undo' | 'stop'): StepFailed {
    const where = host === undefined ? '' : ` on ${host}`;
    return new StepFailed(`${step}${where} failed: ${failureText(failure).message}`, failure, then);
  }
}
