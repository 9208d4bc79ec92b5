import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

const POLL_MS = 100;
const CALL_LIMIT_MS = 5000;

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: CALL_LIMIT_MS });
    const answer = (value: boolean) => (): void => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
}

async function knowsNamespace(address: string, namespace: string): Promise<boolean> {
  // A proxy of the environment is not for loopback, but gRPC asks it unless NO_PROXY says otherwise.
  const connection = Connection.lazy({ address, channelArgs: { 'grpc.enable_http_proxy': 0 } });
  try {
    await connection.withDeadline(Date.now() + CALL_LIMIT_MS, async () => {
      await connection.ensureConnected();
      await connection.workflowService.describeNamespace({ namespace });
    });
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

function answersHttp(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: CALL_LIMIT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('error', () => resolve(false)).once('timeout', () => request.destroy());
  });
}

/** What must answer. */
export interface ServerEndpoints {
  readonly port: number;
  readonly namespace: string;
  readonly uiUrl: string;
}

/**
 * Resolves when the server has answered a call for the namespace, and its UI a request. A port that accepts is not
 * enough: the server opens it before it can serve.
 *
 * Rejects with the reason of the signal, which has to bound the time.
 */
export async function serverIsReady({ port, namespace, uiUrl }: ServerEndpoints, signal: AbortSignal): Promise<void> {
  const checks = [
    () => accepts(port),
    () => knowsNamespace(`127.0.0.1:${port}`, namespace),
    () => answersHttp(uiUrl),
  ] as const;
  for (const check of checks) {
    for (signal.throwIfAborted(); !(await check()); signal.throwIfAborted()) await delay(POLL_MS);
  }
}
