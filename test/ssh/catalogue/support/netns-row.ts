import { makeNetns, netnsSkipReason } from '../../../support/netns';
import type { NetworkNamespace } from '../../../support/netns';
import { startSshScript } from '../../../support/ssh-script';
import type { SshScript, SshScriptOptions } from '../../../support/ssh-script';
import { targetOf } from '../../support/engine';
import type { ServerLike } from '../../support/engine';
import type { CatalogueGround, CatalogueRow, Scene } from '../row';
import type { EnginePlan } from './engine-main';
import { runEngineProcess } from './engine-process';
import { relaxed } from './relaxed';
import type { OwnDeadlines } from './relaxed';
import { checkScript } from './ssh-row';

/** What is there when the case is laid out. */
export interface NetnsGround extends CatalogueGround {
  readonly netns: NetworkNamespace;
  /** The server at this end of the link; only where the row has a `script`. */
  readonly script: SshScript | undefined;
}

/** What the engine meets inside, beyond a server at the other end of the link. */
export type NetnsScene = Partial<Pick<EnginePlan, 'dns' | 'without'>> & {
  /** What is dialled. @default the script */
  readonly server?: ServerLike;
  readonly deadlines?: OwnDeadlines;
};

/** Reads a single time what only a started process can tell. */
function once<T>(read: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: read() }).value;
}

const skip = once(netnsSkipReason);

/** A row whose engine runs in a network namespace, over a link to a server of this process. */
export function netnsRow({
  etc,
  script: options,
  lay,
  check = checkScript,
  ...row
}: Omit<CatalogueRow, 'arrange' | 'skip'> & {
  readonly etc?: Readonly<Record<string, string>>;
  readonly script?: (ground: CatalogueGround, netns: NetworkNamespace) => SshScriptOptions;
  readonly lay?: (ground: NetnsGround) => NetnsScene | Promise<NetnsScene>;
  readonly check?: (script: SshScript, ends: 'success' | 'failure') => void | Promise<void>;
}): CatalogueRow {
  return {
    ...row,
    skip,
    elsewhere: true,
    arrange: async (ground): Promise<Scene> => {
      const { t } = ground;
      const netns = await makeNetns({ t, ...(etc && { etc }) });
      const script = options && (await startSshScript({ t, address: netns.hostAddress, ...options(ground, netns) }));
      const { server = script, deadlines, ...more } = (await lay?.({ ...ground, netns, script })) ?? {};
      if (!server) throw new Error(`${row.name} has no server`);
      const { address, port, clientKeyFile, hostFingerprint } = server;
      const plan: EnginePlan = {
        server: { address, port, ...(clientKeyFile && { clientKeyFile }), ...(hostFingerprint && { hostFingerprint }) },
        deadlines: relaxed(ground, row.expect, deadlines),
        ...more,
      };
      return {
        target: targetOf(plan.server),
        deadlines: plan.deadlines,
        run: () => runEngineProcess({ t }, netns.command, plan),
        ...(script && { check: () => check(script, row.expect.ends === 'success' ? 'success' : 'failure') }),
      };
    },
  };
}
