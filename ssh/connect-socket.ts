import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { SshFailureType } from '../contract';
import { settleOnce } from './settle-once';
import type { StageClock } from './stage-clock';

const TYPES: Readonly<Record<string, SshFailureType>> = {
  ECONNREFUSED: 'SshConnectRefused',
  ETIMEDOUT: 'SshConnectTimeout',
  ECONNRESET: 'SshBannerClosed',
  ENOTFOUND: 'SshDnsNotFound',
};

/** Name resolution and TCP, within the deadline of the stage `connect`. */
export function connectSocket(clock: StageClock, signal: AbortSignal | undefined): Promise<Socket> {
  const { address, port } = clock.target;
  return settleOnce((settlement) => {
    signal?.throwIfAborted();
    const socket = connect({
      host: address,
      port,
      noDelay: true,
      autoSelectFamily: true,
      // With Node's 250 ms every distant host that has both an A and an AAAA record fails; a quarter of the whole
      // still leaves time for the second family when the first one is silently dropped.
      autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(clock.deadlines.connect / 4)),
    });
    // For the life of the socket: an error that nobody listens to would end the process.
    socket.on('error', () => undefined);

    const fail = (error: unknown): void => {
      socket.destroy();
      settlement.reject(error);
    };
    const onError = (error: NodeJS.ErrnoException): void => fail(connectFailure(clock, error));
    const onAbort = (): void => fail(signal?.reason);
    clock.enter('connect', (type, parts) => fail(clock.failure(type, parts)));
    socket.once('connect', () => settlement.resolve(socket));
    socket.once('error', onError);
    signal?.addEventListener('abort', onAbort, { once: true });
    settlement.onSettled(() => {
      clock.leave();
      socket.off('error', onError);
      signal?.removeEventListener('abort', onAbort);
    });
  });
}

function connectFailure(clock: StageClock, error: NodeJS.ErrnoException): Error {
  const code = error.code ?? error.name;
  const type = TYPES[code] ?? (code.startsWith('EAI_') ? 'SshDnsTemporary' : 'SshConnectUnreachable');
  const what = type.startsWith('SshDns')
    ? `could not be resolved (${code})`
    : type === 'SshConnectRefused'
      ? 'refused the TCP connection'
      : `could not be connected to (${code})`;
  return clock.failure(type, { what, cause: error });
}
