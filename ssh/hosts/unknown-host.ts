import { configError } from '../ssh-error';
import type { SshError } from '../ssh-error';
import { nearest } from './nearest';

/** How many names an error lists. */
const MAX_NAMES = 10;

/** The failure for a name that no host of a list has. */
export function unknownHost(name: string, names: readonly string[], origin: string): SshError {
  const asked = JSON.stringify(String(name).slice(0, 100));
  const meant = nearest(String(name), names);
  const advice = meant === undefined ? '' : ` Did you mean ${JSON.stringify(meant)}?`;
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  const known = names.length === 0 ? 'It has no hosts.' : `Known: ${names.slice(0, MAX_NAMES).join(', ')}${more}.`;
  return configError('SshUnknownHost', String(name), `no host ${asked} in ${origin}.${advice} ${known}`);
}
