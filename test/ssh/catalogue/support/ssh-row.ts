import assert from 'node:assert/strict';
import type { SshTarget } from '../../../../ssh/target';
import { startSshScript } from '../../../support/ssh-script';
import type { SshScript, SshScriptOptions } from '../../../support/ssh-script';
import type { TcpScript } from '../../../support/tcp-script';
import { targetOf } from '../../support/engine';
import type { CatalogueGround, CatalogueRow } from '../row';
import { assertAllGone } from './raw-row';
import { relaxed } from './relaxed';
import type { OwnDeadlines } from './relaxed';

/** Fails when the server was offered a credential, or given a command. */
export function assertNoCredential({ authMethods, commands }: Pick<SshScript, 'authMethods' | 'commands'>): void {
  assert.deepEqual([...authMethods], [], 'credentials were offered');
  assert.deepEqual([...commands], [], 'commands were sent');
}

/** What a scripted SSH server must have seen, and that nothing of it is left. */
export async function checkScript(script: SshScript, ends: 'success' | 'failure'): Promise<void> {
  await assertAllGone(script.sockets);
  assert.ok(script.sockets.length <= 1, 'one connection and no second one');
  if (ends === 'success') assert.deepEqual([...script.commands], ['work']);
  else assertNoCredential(script);
}

/** A row whose server is a scripted SSH server, perhaps behind a front that changes what it says. */
export function sshRow({
  script: options,
  front,
  deadlines,
  overrides,
  ...row
}: Omit<CatalogueRow, 'arrange'> & {
  readonly script?: (ground: CatalogueGround) => SshScriptOptions;
  readonly front?: (script: SshScript, ground: CatalogueGround) => Promise<TcpScript>;
  readonly deadlines?: OwnDeadlines;
  readonly overrides?: (script: SshScript, ground: CatalogueGround) => Partial<SshTarget> | Promise<Partial<SshTarget>>;
}): CatalogueRow {
  return {
    ...row,
    arrange: async (ground) => {
      const { t } = ground;
      const script = await startSshScript({ t, ...options?.(ground) });
      const { port } = front ? await front(script, ground) : script;
      return {
        target: targetOf({ ...script, port }, await overrides?.(script, ground)),
        deadlines: relaxed(ground, row.expect, deadlines),
        check: () => checkScript(script, row.expect.ends === 'success' ? 'success' : 'failure'),
      };
    },
  };
}
