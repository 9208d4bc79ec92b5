import { createHmac } from 'node:crypto';
import { createHostDirectory } from '../../../../ssh/hosts';
import type { HostConfig } from '../../../../ssh/hosts';
import type { SshTarget } from '../../../../ssh/target';
import { makeScratch } from '../../../support/scratch';
import type { Scratch } from '../../../support/scratch';
import type { SshScript } from '../../../support/ssh-script';
import type { CatalogueGround, CatalogueRow } from '../row';
import { sshRow } from './ssh-row';

/** What a row's known_hosts is made from. */
export interface KnownHostsGround extends CatalogueGround {
  readonly script: SshScript;
  readonly scratch: Scratch;
}

/** A name as `HashKnownHosts` of OpenSSH writes it. */
export function hashedName(name: string): string {
  const salt = Buffer.alloc(20, 7);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

/** The target that a hosts file makes of a scripted server, with a known_hosts file. */
export async function knownHostsTarget(
  script: Pick<SshScript, 'address' | 'port' | 'clientKeyFile'>,
  host: Partial<HostConfig>
): Promise<SshTarget> {
  const { address, port, clientKeyFile } = script;
  const config = { address, port, user: 'deploy', credential: { privateKeyFile: clientKeyFile }, ...host };
  return createHostDirectory({ hosts: { 'web-1': config } }).resolve('web-1');
}

/** A row whose server's key is judged by a known_hosts file. */
export function knownHostsRow({
  text,
  host,
  ...row
}: Pick<CatalogueRow, 'name' | 'what' | 'expect'> & {
  readonly text: (ground: KnownHostsGround) => string;
  readonly host?: Partial<HostConfig>;
}): CatalogueRow {
  return sshRow({
    ...row,
    overrides: async (script, ground) => {
      const scratch = makeScratch({ t: ground.t });
      const knownHosts = scratch.write('known_hosts', text({ ...ground, script, scratch }));
      const { hostKeys } = await knownHostsTarget(script, { ...host, knownHosts });
      return { hostKeys };
    },
  });
}
