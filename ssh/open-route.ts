import type { Duplex } from 'node:stream';
import { resolveDeadlines } from '../contract';
import { classifyLoss, cleanCause } from './classify-loss';
import type { Ssh2Error } from './classify-loss';
import { connectSocket } from './connect-socket';
import type { DialOptions } from './dial';
import { openFailure } from './open-failure';
import { ProxyCommandStream } from './proxy-command';
import { settleOnce } from './settle-once';
import type { SshConnection } from './ssh-connection';
import { SshError } from './ssh-error';
import type { StageClock } from './stage-clock';
import type { SshTarget } from './target';

/** The stream on which a target is spoken to: a socket, or a channel of the last jump host. */
export interface Route {
  readonly stream: Duplex;
  /** The connection to the last jump host, which ends with the one that goes through it. */
  readonly via?: SshConnection;
}

/** Sets up a connection to a jump host; given, so that this file and `dial` need not import each other. */
export type Dial = (target: SshTarget, options: DialOptions) => Promise<SshConnection>;

/**
 * Gets to the target: by TCP, by its proxy command, or through its jump hosts, the whole of it within the target's deadline
 * for `connect`. How long a proxy command takes to get there cannot be seen: that is part of the stage `banner`.
 *
 * What goes wrong at a jump host keeps its type and stage, and names both hosts.
 */
export async function openRoute(
  target: SshTarget,
  clock: StageClock,
  signal: AbortSignal | undefined,
  dial: Dial
): Promise<Route> {
  if (target.proxyCommand !== undefined) return { stream: await startProxyCommand(target.proxyCommand, clock, signal) };
  if (!target.via) return { stream: await connectSocket(clock, signal) };
  const hop = target.via;
  return settleOnce<Route>((settlement) => {
    const abort = new AbortController();
    let via: SshConnection | undefined;
    const stop = (error: unknown): void => {
      abort.abort(error);
      settlement.reject(error);
      void via?.close();
    };
    const fail = (error: unknown): void => {
      if (via) void via.close().then(() => stop(error));
      else stop(error);
    };
    const onAbort = (): void => stop(signal?.reason);
    settlement.onSettled(() => {
      clock.leave();
      signal?.removeEventListener('abort', onAbort);
    });
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    clock.enter('connect', (type, parts) => {
      const what = `could not be reached through jump host ${hop.name} in time`;
      stop(clock.failure(type, { ...parts, jump: hop.name, what }));
    });
    dial(hop, { deadlines: resolveDeadlines(hop.timeouts), signal: abort.signal })
      .catch((error: unknown) => Promise.reject(throughHop(error, target, hop) as Error))
      .then((connection) => {
        via = connection;
        // Too late: whoever asked is gone.
        if (settlement.settled) return void via.close();
        return forward(via, target, clock).then((stream) => settlement.resolve({ stream, via: connection }));
      })
      .catch(fail);
  });
}

function startProxyCommand(
  command: string,
  clock: StageClock,
  signal: AbortSignal | undefined
): Promise<ProxyCommandStream> {
  return settleOnce((settlement) => {
    signal?.throwIfAborted();
    let stream: ProxyCommandStream | undefined;
    const fail = (error: unknown): void => {
      stream?.destroy();
      settlement.reject(error);
    };
    const notStarted = (cause: NodeJS.ErrnoException): void => {
      const what = `could not be connected to: its ProxyCommand could not be started (${cause.code ?? cause.message})`;
      fail(clock.failure('SshConnectUnreachable', { what, cause }));
    };
    const onAbort = (): void => fail(signal?.reason);
    clock.enter('connect', (type, parts) => fail(clock.failure(type, parts)));
    settlement.onSettled(() => {
      clock.leave();
      signal?.removeEventListener('abort', onAbort);
    });
    try {
      const started = new ProxyCommandStream(command);
      stream = started;
      // For the life of the stream: an error that nobody listens to would end the process.
      started.on('error', notStarted);
      started.onSpawn(() => settlement.resolve(started));
    } catch (cause) {
      // A command that is too long, for one, Node does not even try.
      return notStarted(cause as NodeJS.ErrnoException);
    }
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * The failure of a set-up whose proxy command ended without having led to a server: that is what went wrong. A shell that
 * finds no such program, or may not run it (126, 127), is no fault of the network.
 */
export function proxyCommandFailed(error: SshError, clock: StageClock, stream: Duplex): SshError {
  if (!(stream instanceof ProxyCommandStream) || error.type !== 'SshBannerClosed') return error;
  const { ending, errorText } = stream;
  // With 0 it is the server that has closed the connection; and what it said before is worth more.
  if (!ending || ending.code === 0 || error.details.serverText) return error;
  const how = ending.code === null ? `was ended by ${ending.signal}` : `ended with exit code ${ending.code}`;
  const said = errorText && ` and said: "${errorText}"`;
  const what = `could not be reached: its ProxyCommand ${how}${said}`;
  const missing = ending.code === 126 || ending.code === 127;
  return missing
    ? clock.failure('SshConfigInvalid', { stage: 'config', what, cause: error })
    : clock.failure('SshConnectRefused', { stage: 'connect', what, cause: error });
}

/** A channel from the jump host to the target (RFC 4254 section 7.2, `direct-tcpip`). */
function forward(via: SshConnection, { address, port }: SshTarget, clock: StageClock): Promise<Duplex> {
  const hop = via.facts.target.name;
  return settleOnce((settlement) => {
    settlement.onSettled(
      via.onLost((error) => {
        const { type, parts } = classifyLoss('channel', error);
        const what = `was not reached: jump host ${hop} ${parts.what}`;
        settlement.reject(clock.failure(type, { ...parts, stage: 'connect', jump: hop, what }));
      })
    );
    if (settlement.settled) return;
    try {
      via.client.forwardOut('127.0.0.1', 0, address, port, (error: Error | undefined, channel: Duplex) => {
        if (error) settlement.reject(forwardFailure(error, clock, hop));
        else settlement.resolve(channel);
      });
    } catch (cause) {
      // ssh2 throws for a socket that has begun to close, of which it has told nobody yet.
      const what = `was not reached: jump host ${hop} closed the connection`;
      settlement.reject(clock.failure('SshConnectionLost', { what, stage: 'connect', jump: hop, cause }));
    }
  });
}

function forwardFailure(error: Ssh2Error, clock: StageClock, hop: string): SshError {
  // Reason 2 is the jump host's own "connection refused" or "no route"; which of them, it only says in words.
  if (error.reason === 2) {
    const what = `could not be connected to from jump host ${hop} (${error.message})`;
    return clock.failure('SshConnectRefused', { what, cause: cleanCause(error) });
  }
  const [type, parts] = openFailure(error, { sent: false, refused: false, lost: false });
  const what = `cannot be reached: jump host ${hop} ${parts.what}`;
  return clock.failure(type, { ...parts, stage: 'connect', jump: hop, what });
}

/** The failure of a jump host, as one of the target. */
function throughHop(error: unknown, target: SshTarget, hop: SshTarget): unknown {
  if (!(error instanceof SshError)) return error;
  const { name, address, port } = target;
  const failure = new SshError(error.type, {
    message: `${name} (${address}:${port}) through jump host ${hop.name}: ${error.message}`,
    details: { ...error.details, host: name, address, port, jump: error.details.jump ?? hop.name },
    cause: error,
  });
  failure.retryAfterMs = error.retryAfterMs;
  return failure;
}

/** The failure of a set-up whose jump host went away meanwhile: that is what went wrong, wherever it was noticed. */
export function lostOnTheWay(error: SshError, clock: StageClock, via: SshConnection): SshError {
  if (error.details.jump !== undefined) return error;
  const hop = via.facts.target.name;
  const what = `was cut off: jump host ${hop} closed the connection`;
  return clock.failure('SshConnectionLost', { what, stage: error.details.stage, jump: hop, cause: error });
}
