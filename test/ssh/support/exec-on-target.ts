import type { SshExecResult } from '../../../contract';
import { dial } from '../../../ssh/dial';
import type { ExecRequest } from '../../../ssh/exec-request';
import type { ExecOnPoolOptions } from '../../../ssh/pool/exec-on-pool';
import { runExec } from '../../../ssh/run-exec';
import { StageClock } from '../../../ssh/stage-clock';
import type { SshTarget } from '../../../ssh/target';

/** Options of {@link execOnTarget}. */
export type ExecOnTargetOptions = ExecOnPoolOptions;

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
