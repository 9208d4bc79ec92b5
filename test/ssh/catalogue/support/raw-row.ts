import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { CLIENT_IDENTIFICATION } from '../../../../ssh/read-identification';
import { fin, send } from '../../../support/tcp-script';
import { reset } from '../../../support/reset';
import type { TcpScript } from '../../../support/tcp-script';
import { targetOf } from '../../support/engine';
import { startRawServer } from '../../support/raw-server';
import type { CatalogueGround, CatalogueRow } from '../row';
import { relaxed } from './relaxed';
import type { OwnDeadlines } from './relaxed';

/** What a raw server does with a connection; returns how to stop what it goes on doing. */
export type Serve = (socket: Socket, ground: CatalogueGround) => void | (() => void);

// How long the kernel and a busy machine may take to tell the server that a connection has ended.
const GONE_MS = 5_000;

/** Fails when the client has left a connection open. */
export async function assertAllGone(sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) {
    if (socket.destroyed || socket.readableEnded) continue;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the client left its connection open')), GONE_MS);
      const gone = (): void => {
        clearTimeout(timer);
        resolve();
      };
      socket.once('end', gone).once('close', gone);
    });
  }
}

/** Fails unless there was one connection and no second one. */
export async function assertOneConnection({ sockets }: Pick<TcpScript, 'sockets'>): Promise<void> {
  await assertAllGone(sockets);
  assert.equal(sockets.length, 1, 'one connection and no second one');
}

/** Fails unless there was one connection, on which nothing but our identification came. */
export async function assertOnlyIdentified(script: TcpScript): Promise<void> {
  await assertOneConnection(script);
  const sent = script.received(0);
  assert.ok(sent.length === 0 || sent.equals(CLIENT_IDENTIFICATION), `sent ${sent.toString('latin1')}`);
}

/** Sends something once the client has sent its identification, then ends the connection or leaves it open. */
export function answer(data: string | Uint8Array, how: 'fin' | 'rst' | 'open'): Serve {
  return (socket) => {
    socket.once('data', () => {
      void send(socket, data)
        .then(() => (how === 'fin' ? fin(socket) : how === 'rst' ? reset(socket) : undefined))
        .catch(() => undefined);
    });
  };
}

/** Does something once the client has sent its identification. */
export function onIdentification(act: Serve): Serve {
  return (socket, ground) => {
    socket.once('data', () => {
      const stop = act(socket, ground);
      if (stop) socket.once('close', stop);
    });
  };
}

/** A row whose server is a raw one, which no one but this function gives its bytes. */
export function rawRow({
  serve,
  deadlines,
  check = assertOnlyIdentified,
  ...row
}: Omit<CatalogueRow, 'arrange'> & {
  readonly serve: Serve;
  readonly deadlines?: OwnDeadlines;
  readonly check?: (script: TcpScript) => void | Promise<void>;
}): CatalogueRow {
  return {
    ...row,
    arrange: async (ground) => {
      const script = await startRawServer(ground.t, (socket) => serve(socket, ground));
      return {
        target: targetOf(script),
        deadlines: relaxed(ground, row.expect, deadlines),
        check: () => check(script),
      };
    },
  };
}

/** A row whose server is raw, has identified itself, and goes on with bytes that are no key exchange, or none. */
export function identifiedRow(
  name: string,
  what: string,
  expect: CatalogueRow['expect'],
  serve: Serve = () => undefined
): CatalogueRow {
  return rawRow({
    name,
    what,
    expect,
    serve: (socket, ground) => {
      socket.write('SSH-2.0-scripted\r\n');
      return serve(socket, ground);
    },
    check: assertOneConnection,
  });
}
