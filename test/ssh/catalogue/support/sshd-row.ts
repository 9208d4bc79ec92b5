import assert from 'node:assert/strict';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { SshDeadlines } from '../../../../contract';
import type { SshError } from '../../../../ssh/ssh-error';
import type { SshTarget } from '../../../../ssh/target';
import { descendantsOf } from '../../../support/processes';
import { startSshd } from '../../../support/sshd';
import type { RealSshd, SshdOptions } from '../../../support/sshd';
import { targetOf } from '../../support/engine';
import type { CatalogueGround, CatalogueRow, Scene } from '../row';
import { onlyDeadlines } from './wire-row';

/** What a case adds to a server that runs. */
export interface SshdScene extends Omit<Scene, 'target' | 'deadlines' | 'check'> {
  readonly target?: Partial<SshTarget>;
  /** Looks at the server once its connections are gone. */
  readonly check?: (end: { readonly error?: SshError }, log: string) => void | Promise<void>;
}

/** A case of a real sshd of its own. */
export interface SshdRow extends Omit<CatalogueRow, 'arrange'> {
  /** The deadlines that the case is about; all others are long. @default the one of `expect` */
  readonly about?: readonly (keyof SshDeadlines)[];
  /** @default a server as it comes, and the command `true` */
  readonly prepare?: (ground: CatalogueGround) => {
    readonly server?: Omit<SshdOptions, 't'>;
    readonly scene?: (server: RealSshd) => SshdScene | Promise<SshdScene>;
  };
  /** How many commands sshd starts. @default 1 for a success and where one may have run, else 0 */
  readonly commands?: number;
  /** Somebody else still has connections when the case is over. @default false */
  readonly othersConnect?: boolean;
}

/** Fails unless all connections of a server have ended, or end within 10 s. */
export async function sessionsGone(server: RealSshd): Promise<void> {
  const sessions = (): number => descendantsOf(server.pid).filter(({ name }) => name.startsWith('sshd')).length;
  for (const deadline = Date.now() + 10_000; sessions() > 0; await delay(20)) {
    assert.ok(Date.now() < deadline, `connections that were left open:\n${server.log()}`);
  }
}

/** Makes a row of it that also looks into the server's log, and waits for the end of its connections. */
export function sshdRow({ about, prepare, commands, othersConnect, ...row }: SshdRow): CatalogueRow {
  const { expect } = row;
  const limit = expect.ends === 'failure' && expect.deadline ? [expect.deadline] : [];
  const ran = expect.ends === 'success' || (expect.ends === 'failure' && expect.commandMayHaveRun === true) ? 1 : 0;
  return {
    ...row,
    arrange: async (ground) => {
      const { server: options, scene } = prepare?.(ground) ?? {};
      const server = await startSshd({ t: ground.t, ...options });
      const rest = (await scene?.(server)) ?? {};
      return {
        command: 'true',
        ...rest,
        target: targetOf(server, rest.target),
        deadlines: onlyDeadlines(ground, about ?? limit),
        check: async (end) => {
          if (!othersConnect) await sessionsGone(server);
          // What they wrote last is in the pipe by now: one whole turn of the event loop reads it.
          await nextTurn();
          await nextTurn();
          const log = server.log();
          assert.equal(log.match(/Starting session: /g)?.length ?? 0, commands ?? ran, `commands that ran:\n${log}`);
          await rest.check?.(end, log);
        },
      };
    },
  };
}
