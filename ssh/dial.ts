import type { NegotiatedAlgorithms } from 'ssh2';
import type { SshDeadlines } from '../contract';
import { establishSession } from './establish-session';
import type { HostKeyObservation } from './establish-session';
import { lostOnTheWay, openRoute, proxyCommandFailed } from './open-route';
import type { Dial } from './open-route';
import { readIdentification } from './read-identification';
import type { SshConnection } from './ssh-connection';
import { SshError } from './ssh-error';
import { StageClock } from './stage-clock';
import type { StageListener } from './stage-clock';
import type { SshTarget } from './target';

/** Sees what happens while a connection is set up. Nothing that it is told is secret. */
export interface DialObserver {
  readonly onStage?: StageListener;
  readonly onStageDone?: (stage: 'connect' | 'banner' | 'kex' | 'auth', ms: number) => void;
  readonly onIdentification?: (line: string) => void;
  readonly onHostKey?: (observation: HostKeyObservation) => void;
  readonly onAlgorithms?: (algorithms: NegotiatedAlgorithms) => void;
  readonly onAuthMethods?: (accepted: readonly string[]) => void;
  readonly onAuthBanner?: (text: string) => void;
  /** A password or a keyboard-interactive answer was sent; which, is not told. */
  readonly onSecret?: () => void;
}

/** How to dial. */
export interface DialOptions {
  readonly deadlines: SshDeadlines;
  /** Ends the attempt at once; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly observer?: DialObserver;
  /** Sets up the connections to jump hosts. @default dial */
  readonly dialHop?: Dial;
  /** Asks which authentication methods the server offers, at the cost of one round trip. @default false */
  readonly probeAuthMethods?: boolean;
}

/**
 * Sets up an authenticated connection: TCP, a proxy command or the way through jump hosts, identification, key exchange with host-key check, authentication, each
 * within its own absolute deadline.
 *
 * Settles once; when it fails, nothing of the attempt is left: no socket, no timer, no listener.
 *
 * @throws {@link SshError} for every failure, and the signal's reason when aborted.
 */
export async function dial(target: SshTarget, options: DialOptions): Promise<SshConnection> {
  const { deadlines, signal, observer = {}, probeAuthMethods = false } = options;
  const clock = new StageClock(target, deadlines, observer.onStage);
  const { stream, via } = await openRoute(target, clock, signal, options.dialHop ?? dial);
  try {
    observer.onStageDone?.('connect', clock.durationMs('connect'));
    const identification = await readIdentification(stream, clock, signal);
    observer.onStageDone?.('banner', clock.durationMs('banner'));
    observer.onIdentification?.(identification);
    return await establishSession({ stream, target, clock, signal, observer, probeAuthMethods, identification, via });
  } catch (error) {
    // Whatever went wrong: also what ssh2 throws where nobody expects it must leave no socket behind.
    stream.destroy();
    if (!via) throw error instanceof SshError ? proxyCommandFailed(error, clock, stream) : error;
    const cause = via.lost && error instanceof SshError ? lostOnTheWay(error, clock, via) : error;
    await via.close();
    throw cause;
  }
}
