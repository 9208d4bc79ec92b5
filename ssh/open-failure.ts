import type { SshFailureType } from '../contract';
import { cleanCause } from './classify-loss';
import type { Ssh2Error } from './classify-loss';
import { cleanServerText } from './server-text';
import type { FailureParts } from './stage-clock';

/** What is known when ssh2 gives no channel. */
export interface OpenState {
  /** The exec request went out. */
  readonly sent: boolean;
  /** The server refused a request on the channel, in so many words. */
  readonly refused: boolean;
  readonly lost: boolean;
}

// RFC 4254 section 5.1
const REASONS: Readonly<Record<number, readonly [SshFailureType, string]>> = {
  1: ['SshChannelRefused', 'refused the channel'],
  2: ['SshChannelOpenFailed', 'could not open the channel'],
  3: ['SshChannelRefused', 'does not know session channels'],
  4: ['SshChannelResourceShortage', 'has no resources for another channel'],
};

/** What a channel, or an exec on it, that could not be had means. */
export function openFailure(error: Ssh2Error, { sent, refused, lost }: OpenState): [SshFailureType, FailureParts] {
  const cause = cleanCause(error);
  if (typeof error.reason === 'number') {
    const [type, what] = REASONS[error.reason] ?? ['SshChannelOpenFailed', 'could not open the channel'];
    const serverText = cleanServerText(error.message.replace(/^\(SSH\) Channel open failure: /, ''));
    return [type, { what: `${what} (reason ${error.reason})`, ...(serverText && { serverText }), cause }];
  }
  if (lost) return ['SshConnectionLost', { what: 'closed the connection', cause }];
  if (refused && !sent) return ['SshPtyRefused', { what: 'refused the pseudo-terminal', cause }];
  if (refused) return ['SshExecRefused', { what: 'refused to execute the command', commandMayHaveRun: false, cause }];
  // ssh2 reports a channel that was closed instead of an answer as a refusal, which it is not.
  return sent
    ? ['SshExitStatusMissing', { what: 'closed the channel instead of answering the exec request', cause }]
    : ['SshChannelOpenFailed', { what: 'closed the channel at once', cause }];
}
