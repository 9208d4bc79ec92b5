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
    const onError = (error: SystemError): void => fail(connectFailure(clock, error));
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

/** A name with several addresses: what they said that tells most, from the host itself to this machine's own routes. */
const MOST_TELLING: readonly SshFailureType[] = [
  'SshConnectRefused',
  'SshBannerClosed',
  'SshConnectTimeout',
  'SshConnectUnreachable',
];

interface SystemError extends NodeJS.ErrnoException {
  readonly address?: string;
}

function typeOf(error: SystemError): SshFailureType {
  const code = codeOf(error);
  return TYPES[code] ?? (code.startsWith('EAI_') ? 'SshDnsTemporary' : 'SshConnectUnreachable');
}

function codeOf({ code, name }: SystemError): string {
  return code ?? name;
}

function connectFailure(clock: StageClock, cause: SystemError): Error {
  if (cause instanceof AggregateError) {
    const errors = cause.errors as readonly SystemError[];
    const types = errors.map(typeOf);
    const type = MOST_TELLING.find((each) => types.includes(each)) ?? typeOf(cause);
    const each = errors.map((error) => `${error.address ?? '?'}: ${codeOf(error)}`).join(', ');
    return clock.failure(type, { what: `could be connected to at none of its addresses (${each})`, cause });
  }
  const type = typeOf(cause);
  const what = type.startsWith('SshDns')
    ? `could not be resolved (${codeOf(cause)})`
    : type === 'SshConnectRefused'
      ? 'refused the TCP connection'
      : `could not be connected to (${codeOf(cause)})`;
  return clock.failure(type, { what, cause });
}
