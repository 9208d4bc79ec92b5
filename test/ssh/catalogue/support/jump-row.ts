import assert from 'node:assert/strict';
import { startSshScript } from '../../../support/ssh-script';
import type { SshScript } from '../../../support/ssh-script';
import { targetOf } from '../../support/engine';
import type { ServerLike } from '../../support/engine';
import { startRawServer } from '../../support/raw-server';
import type { CatalogueGround, CatalogueRow } from '../row';
import { startHop } from './hop';
import type { HopOptions } from './hop';
import { assertAllGone } from './raw-row';
import type { Serve } from './raw-row';
import { relaxed } from './relaxed';
import { assertNoCredential } from './ssh-row';

/** What stands at the ends of the way. */
interface Way {
  readonly hop: SshScript;
  readonly web: SshScript;
}

/** How the way differs from one on which all is well. */
interface JumpOptions extends Pick<CatalogueRow, 'name' | 'what' | 'expect'> {
  readonly hop?: (ground: CatalogueGround) => HopOptions;
  /** What is dialled instead of the jump host. */
  readonly hopServer?: (way: Way, ground: CatalogueGround) => Promise<Partial<ServerLike>> | Partial<ServerLike>;
  /** What is dialled instead of the host behind it. */
  readonly webServer?: (way: Way, ground: CatalogueGround) => Promise<Partial<ServerLike>> | Partial<ServerLike>;
  /** The failure is one of the jump host. @default false */
  readonly jump?: boolean;
}

/** A row with a jump host on the way. */
export function jumpRow({ hop: options, hopServer, webServer, jump = false, ...row }: JumpOptions): CatalogueRow {
  return {
    ...row,
    arrange: async (ground) => {
      const { t } = ground;
      const [hop, web] = [await startHop({ t, ...options?.(ground) }), await startSshScript({ t })];
      const way = { hop, web };
      const via = targetOf({ ...hop, ...(await hopServer?.(way, ground)) }, { name: 'bastion' });
      return {
        target: targetOf({ ...web, ...(await webServer?.(way, ground)) }, { via }),
        deadlines: relaxed(ground, row.expect),
        check: async ({ error }) => {
          await assertAllGone([...hop.sockets, ...web.sockets]);
          assert.deepEqual([...hop.commands], [], 'nothing is executed on the way');
          if (row.expect.ends === 'success') return assert.deepEqual([...web.commands], ['work']);
          assert.equal(error?.details.jump, jump ? 'bastion' : undefined);
          assertNoCredential(web);
        },
      };
    },
  };
}

/** A raw server in the place of another one. */
export function instead(serve: Serve): (way: Way, ground: CatalogueGround) => Promise<Partial<ServerLike>> {
  return async (_way, ground) => {
    const { address, port } = await startRawServer(ground.t, (socket) => serve(socket, ground));
    return { address, port };
  };
}
