import type { ConnectionPool } from '../pool/connection-pool';
import { execOnPool } from '../pool/exec-on-pool';
import type { SshTarget } from '../target';
import { answerDeadlines } from './answer-deadlines';
import { CommandCapture } from './command-capture';
import type { HostCommandEnd } from './host-files';
import type { TransferOptions } from './transfer-options';

/** Runs a command line by an exec request. */
export type CommandRunner = (command: string, stdin?: string) => Promise<HostCommandEnd & { readonly stdout: string }>;

/**
 * Runs command lines on a host as they are, on connections of the pool. Whatever they end with is no failure.
 *
 * @throws {@link SshError} for what keeps a command from running to its end, and the signal's reason when aborted
 */
export function commandRunner(
  pool: ConnectionPool,
  target: SshTarget,
  { deadlines, signal, observer }: Pick<TransferOptions, 'deadlines' | 'signal' | 'observer'>
): CommandRunner {
  return async (command, stdin = '') => {
    const capture = new CommandCapture();
    await execOnPool(
      pool,
      target,
      { command, stdin, pty: false, okExitCodes: [0], maxOutputBytes: 0, outputEncoding: 'utf8', consumer: capture },
      { deadlines: answerDeadlines(deadlines), signal, ...(observer && { observer }) }
    );
    return capture.end;
  };
}
