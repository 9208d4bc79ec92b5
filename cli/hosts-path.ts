import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { embeddedDirectory } from '../worker/dev';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';

/**
 * The hosts file to use: the one that was named, `TEMPORAL_SSH_HOSTS`, `hosts.yaml` in this directory, or the one of the
 * embedded host that `temporal-ssh dev` starts.
 */
export function hostsPath(option: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  if (option !== undefined) return resolve(option);
  const named = env['TEMPORAL_SSH_HOSTS'];
  if (named) return resolve(named);
  const candidates = [resolve('hosts.yaml'), join(embeddedDirectory(), 'hosts.yaml')];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CliError(
    'No hosts file. Name one with --hosts or TEMPORAL_SSH_HOSTS, make a hosts.yaml in this directory, ' +
      'or run `temporal-ssh dev`, which makes one for the host `local`.',
    EXIT.config
  );
}
