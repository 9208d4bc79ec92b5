import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Owned } from './test-owner';

/** A raw client connection that watches what comes. */
export interface Probe {
  readonly socket: Socket;
  /** All that has come so far. */
  text(): string;
  /** Whether something has come, or comes in time. */
  saysSomethingWithin(ms: number): Promise<boolean>;
  /** How the connection ended. */
  readonly ended: Promise<'fin' | 'rst'>;
}

/** Connects to a port; the connection ends with the test. */
export async function startProbe(
  t: Required<Owned>['t'],
  { address, port }: { readonly address: string; readonly port: number }
): Promise<Probe> {
  const socket = connect({ host: address, port });
  t.after(() => socket.destroy());
  let text = '';
  socket.setEncoding('utf8').on('data', (data: string) => (text += data));
  const ended = new Promise<'fin' | 'rst'>((resolve) => {
    socket.once('end', () => resolve('fin'));
    socket.once('error', () => resolve('rst'));
  });
  // A peer that resets at once may do so before we have looked at the connection.
  await Promise.race([once(socket, 'connect').catch(() => undefined), ended]);
  return {
    socket,
    text: () => text,
    ended,
    saysSomethingWithin: async (ms) => {
      if (text !== '') return true;
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), ms);
        socket.once('data', () => {
          clearTimeout(timer);
          resolve(true);
        });
      });
    },
  };
}
