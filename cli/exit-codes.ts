import { constants } from 'node:os';
import type { SshRunEnd } from '../client';
import { SSH_FAILURES } from '../contract';
import type { SshFailure } from '../contract';

/**
 * Exit codes of `temporal-ssh`, after `sysexits.h` where it has one. `exec` passes the command's own exit code through,
 * so that only `--json` tells a command that ends with one of these from a failure of ours.
 */
export const EXIT = {
  ok: 0,
  /** `check`: the host failed the check. */
  failed: 1,
  /** The command line is wrong. */
  usage: 64,
  /** Temporal cannot be reached, or no worker took the step. */
  unavailable: 69,
  /** A defect of temporal-ssh. */
  internal: 70,
  /** A failure that time may cure; the command was not sent. */
  temporary: 75,
  /** A failure that time does not cure (host key, credentials, protocol); the command did not run. */
  terminal: 76,
  /** The options, the hosts file or a credential are wrong; nothing was sent. */
  config: 78,
  /** The command may have run, and how it ended is not known. */
  outcomeUnknown: 79,
  /** A run failed, and everything that was done is undone. */
  runUndone: 80,
  /** A run failed, and nothing was undone: by choice, or since there was nothing to undo. */
  runFailed: 81,
  /** A run has ended, and not everything that was done is undone. */
  runNotUndone: 82,
  /** A run was cancelled. */
  runCancelled: 83,
  /** A run was aborted. */
  runAborted: 84,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

/** The exit code for each end of a run. */
export const RUN_END_CODES: Readonly<Record<SshRunEnd, number>> = {
  succeeded: EXIT.ok,
  undone: EXIT.runUndone,
  failed: EXIT.runFailed,
  'not-undone': EXIT.runNotUndone,
  cancelled: EXIT.runCancelled,
  aborted: EXIT.runAborted,
  terminated: EXIT.runNotUndone,
  'timed-out': EXIT.runNotUndone,
  invalid: EXIT.config,
};

/** The exit code for a failure of a step. */
export function exitCodeOf({ type, details }: SshFailure): number {
  if (type === 'SshExitStatus' && details?.exitCode !== undefined) return details.exitCode;
  if (type === 'SshExitSignal') return 128 + signalNumber(details?.signal);
  if (type === 'SshOutcomeUnknown' || (details?.commandMayHaveRun && !isOutcomeKnown(type))) return EXIT.outcomeUnknown;
  const { stage, retryable } = SSH_FAILURES[type];
  if (stage === 'config') return EXIT.config;
  return retryable ? EXIT.temporary : EXIT.terminal;
}

function isOutcomeKnown(type: SshFailure['type']): boolean {
  return 'outcomeKnown' in SSH_FAILURES[type];
}

/** The number of a signal that is named without `SIG`; 0 for one that is not known here. */
export function signalNumber(name: string | undefined): number {
  const signals: Readonly<Record<string, number>> = constants.signals;
  return signals[`SIG${name ?? ''}`] ?? 0;
}
