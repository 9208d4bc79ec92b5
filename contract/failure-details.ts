import type { SshStage } from './stages';

/**
 * `details[0]` of every failure of this package.
 *
 * Texts that came from the server are cleaned of control characters and cut; they are for people to read and never
 * to be trusted or matched.
 */
export interface SshFailureDetails {
  readonly stage: SshStage;
  /** The host's name in the hosts file. */
  readonly host: string;
  /** The jump host at which it happened, when it was not the host itself. */
  readonly jump?: string;
  readonly address?: string;
  readonly port?: number;
  /** The deadline that passed, for the timeouts. */
  readonly limitMs?: number;
  /** Since the beginning of the stage that failed. */
  readonly elapsedMs: number;
  /** What the server said, cleaned and cut: text before the identification, a disconnect reason, an auth banner. */
  readonly serverText?: string;
  /** The exec request was sent: the command may have run, whatever came back. */
  readonly commandMayHaveRun: boolean;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly stdoutTail?: string;
  readonly stderrTail?: string;
}
