import type { SshDeadlines, SshExecResult } from '../../contract';
import type { DialObserver } from '../dial';
import type { ExecRequest } from '../exec-request';
import { runExec } from '../run-exec';
import { SshError } from '../ssh-error';
import { StageClock } from '../stage-clock';
import type { SshTarget } from '../target';
import type { ConnectionPool } from './connection-pool';
import type { Lease } from './lease';

/** Options of {@link execOnPool}. */
export interface ExecOnPoolOptions {
  readonly deadlines: SshDeadlines;
  readonly signal?: AbortSignal;
  readonly observer?: DialObserver;
  readonly onSent?: () => void;
  readonly onOutput?: (stdoutBytes: number, stderrBytes: number) => void;
  /** Which attempt this is, for the result. @default 1 */
  readonly attempt?: number;
}

/**
 * Executes one command on a connection of the pool.
 *
 * What a connection that was there already fails with before the command was sent may be the connection's fault: that
 * is tried once more, on a fresh one.
 *
 * @throws {@link SshError} for every failure, and the signal's reason when aborted.
 */
export async function execOnPool(
  pool: ConnectionPool,
  target: SshTarget,
  request: ExecRequest,
  options: ExecOnPoolOptions
): Promise<SshExecResult> {
  const lease = await pool.borrow(target, options);
  try {
    return await execOnLease(lease, target, request, options);
  } catch (error) {
    if (!lease.reused || !isStaleConnection(error)) throw error;
  }
  return execOnLease(await pool.borrow(target, { ...options, fresh: true }), target, request, options);
}

async function execOnLease(
  lease: Lease,
  target: SshTarget,
  request: ExecRequest,
  { deadlines, signal, observer, onSent, onOutput, attempt = 1 }: ExecOnPoolOptions
): Promise<SshExecResult> {
  let sound = false;
  try {
    const result = await runExec(lease.connection, request, {
      clock: new StageClock(target, deadlines, observer?.onStage),
      signal,
      attempt,
      reused: lease.reused,
      ...(onSent && { onSent }),
      ...(onOutput && { onOutput }),
    });
    sound = true;
    return result;
  } catch (error) {
    if (error instanceof SshError) {
      sound = CONNECTION_STAYS_SOUND.has(error.type);
      if (error.type === 'SshChannelOpenFailed') lease.full();
    }
    throw error;
  } finally {
    await lease.release(sound);
  }
}

/** Failures after which the connection is as good as before: the server answered, and the channel is closed. */
const CONNECTION_STAYS_SOUND: ReadonlySet<string> = new Set([
  'SshExitStatus',
  'SshExitSignal',
  'SshExecRefused',
  'SshPtyRefused',
  'SshChannelOpenFailed',
  'SshChannelResourceShortage',
  'SshChannelRefused',
]);

function isStaleConnection(error: unknown): boolean {
  if (!(error instanceof SshError) || error.details.commandMayHaveRun) return false;
  return ['SshChannelOpenFailed', 'SshChannelTimeout', 'SshConnectionLost', 'SshProtocolError'].includes(error.type);
}
