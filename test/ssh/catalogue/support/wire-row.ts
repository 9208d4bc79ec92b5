import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import type { SshDeadlines } from '../../../../contract';
import type { SshError } from '../../../../ssh/ssh-error';
import type { SshTarget } from '../../../../ssh/target';
import { PATIENT, targetOf } from '../../support/engine';
import { startWireServer } from '../../support/wire-server';
import type { Wire, WireScript, WireServer } from '../../support/wire-server';
import type { CatalogueGround, CatalogueRow, Scene } from '../row';

/** Deadlines that a busy machine keeps, but for those that a case is about. */
export function onlyDeadlines(
  { deadlines }: CatalogueGround,
  names: readonly (keyof SshDeadlines)[]
): Required<SshDeadlines> {
  const own = Object.fromEntries(names.map((name) => [name, deadlines[name]]));
  return { ...PATIENT, run: 120_000, idle: 60_000, ...own };
}

/** Fails unless the client's side of every connection is gone, or goes within 10 s. */
export async function allGone(sockets: readonly Socket[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('a connection was left open')), 10_000);
  });
  // A reset, which is an error of the socket, is an end as well.
  const open = sockets.filter((socket) => !socket.closed);
  const closed = open.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  await Promise.race([Promise.all(closed), late]).finally(() => clearTimeout(timer));
}

/** Does something again and again, until the connection is gone. */
export function repeatedly({ socket }: Wire, ms: number, act: () => unknown): void {
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : act()), ms);
  socket.once('close', () => clearInterval(timer));
}

/** Does something later, unless the connection is gone by then. */
export function later({ socket }: Wire, ms: number, act: () => unknown): void {
  const timer = setTimeout(() => socket.destroyed || act(), ms);
  socket.once('close', () => clearTimeout(timer));
}

/** A case of a server whose every packet after the key exchange the case decides. */
export interface WireRow extends Omit<CatalogueRow, 'arrange'> {
  /** The deadlines that the case is about; all others are long. @default the one of `expect` */
  readonly about?: readonly (keyof SshDeadlines)[];
  readonly script: (ground: CatalogueGround) => WireScript;
  /** The credentials that the server is offered, by their methods. @default one key: the question and the login */
  readonly offers?: readonly string[];
  /** How many commands reach the server. @default 1 for a success and where one may have run, else 0 */
  readonly commands?: number | 'any';
  readonly target?: (server: WireServer) => Partial<SshTarget>;
  readonly scene?: (ground: CatalogueGround, server: WireServer) => Omit<Scene, 'target' | 'deadlines' | 'check'>;
  readonly check?: (end: { readonly error?: SshError }, server: WireServer) => void;
}

/** Makes a row of it that also checks what the server saw: credentials, commands, and that no connection is left. */
export function wireRow({ about, script, offers, commands, target, scene, check, ...row }: WireRow): CatalogueRow {
  const { expect } = row;
  const limit = expect.ends === 'failure' && expect.deadline ? [expect.deadline] : [];
  const sent = expect.ends === 'success' || (expect.ends === 'failure' && expect.commandMayHaveRun === true) ? 1 : 0;
  return {
    ...row,
    arrange: async (ground) => {
      const server = await startWireServer(ground.t, script(ground));
      return {
        ...scene?.(ground, server),
        target: targetOf(server, target?.(server)),
        deadlines: onlyDeadlines(ground, about ?? limit),
        check: async (end) => {
          // The method `none` offers nothing: it only asks which others there are.
          const offered = server.authMethods.filter((method) => method !== 'none');
          assert.deepEqual(offered, offers ?? ['publickey', 'publickey'], 'what was offered to authenticate');
          if (commands !== 'any') assert.equal(server.commands.length, commands ?? sent, 'commands at the server');
          check?.(end, server);
          await allGone(server.sockets);
        },
      };
    },
  };
}
