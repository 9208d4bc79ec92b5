import type { SshDeadlines, SshExecResult } from '../../../contract';
import { dial } from '../../../ssh/dial';
import type { DialObserver } from '../../../ssh/dial';
import type { ExecRequest } from '../../../ssh/exec-request';
import { runExec } from '../../../ssh/run-exec';
import { StageClock } from '../../../ssh/stage-clock';
import type { SshTarget } from '../../../ssh/target';

/** Options of {@link execOnTarget}. */
export interface ExecOnTargetOptions {
  readonly deadlines: SshDeadlines;
  readonly signal?: AbortSignal;
  readonly observer?: DialObserver;
  readonly onSent?: () => void;
  readonly onOutput?: (stdoutBytes: number, stderrBytes: number) => void;
  /** Which attempt this is, for the result. @default 1 */
  readonly attempt?: number;
}

/**
 * Connects, executes one command, and ends the connection before it settles, whatever the outcome.
 *
 * @throws {@link SshError} for every failure, and the signal's reason when aborted.
 */
export async function execOnTarget(
  target: SshTarget,
  request: ExecRequest,
  options: ExecOnTargetOptions
): Promise<SshExecResult> {
  const { deadlines, signal, observer, onSent, onOutput, attempt = 1 } = options;
  const connection = await dial(target, { deadlines, ...(signal && { signal }), ...(observer && { observer }) });
  try {
    const clock = new StageClock(target, deadlines, observer?.onStage);
    return await runExec(connection, request, {
      clock,
      signal,
      attempt,
      reused: false,
      ...(onSent && { onSent }),
      ...(onOutput && { onOutput }),
    });
  } finally {
    await connection.close();
  }
}
