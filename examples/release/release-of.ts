import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { SshRollout } from '../../contract';

// Beside the source, also for what tsc wrote to lib/.
const FILE = join(__dirname, '..', '..', '..', 'examples', 'release', 'release.yaml');

/** The rollout as the file says it, for one version. */
export function releaseOf(version: string): SshRollout {
  return { ...(parse(readFileSync(FILE, 'utf8')) as SshRollout), env: { VERSION: version } };
}
