import type { SshDeadlines, SshExecResult } from '../../contract';
import type { DialObserver } from '../dial';
import type { ExecRequest } from '../exec-request';
import { ExecTeller } from '../exec-teller';
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
  /** Not on a connection that is there already. @default false */
  readonly fresh?: boolean;
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
    return await execOnLease(pool, lease, target, request, options);
  } catch (error) {
    if (!lease.reused || !isStaleConnection(error)) throw error;
  }
  return execOnLease(pool, await pool.borrow(target, { ...options, fresh: true }), target, request, options);
}

async function execOnLease(
  { telemetry }: ConnectionPool,
  lease: Lease,
  target: SshTarget,
  request: ExecRequest,
  { deadlines, signal, observer, onSent, onOutput, attempt = 1 }: ExecOnPoolOptions
): Promise<SshExecResult> {
  let sound = false;
  const clock = new StageClock(target, deadlines, observer?.onStage);
  const teller = new ExecTeller(telemetry, request, clock);
  try {
    const result = await runExec(lease.connection, request, {
      clock,
      signal,
      attempt,
      reused: lease.reused,
      ...(onSent && { onSent }),
      onOutput: (stdoutBytes, stderrBytes) => {
        teller.output(stdoutBytes, stderrBytes);
        onOutput?.(stdoutBytes, stderrBytes);
      },
    });
    sound = true;
    teller.ended();
    return result;
  } catch (error) {
    teller.failed(error);
    if (error instanceof SshError) {
      // What a host says of a job is told when its channel has closed.
      sound = CONNECTION_STAYS_SOUND.has(error.type) || error.type.startsWith('SshJob');
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
