import type { z } from 'zod';
import type { ConfigProblem } from './config-problem';
import type { UnknownKeyParams } from './hosts-schema';
import { nearest } from './nearest';

/** What other tools call our keys, where the spelling is too far away to be recognised. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  host: 'address',
  hostname: 'address',
  ip: 'address',
  login: 'user',
  username: 'user',
  identityfile: 'privateKeyFile',
  keyfile: 'privateKeyFile',
  fingerprint: 'hostKey',
  userknownhostsfile: 'knownHosts',
  timeout: 'timeouts',
};

function unknownKey(
  key: string,
  { known, unsupported }: UnknownKeyParams
): Pick<ConfigProblem, 'message' | 'unsupported'> {
  if (unsupported.includes(key)) return { message: 'not supported by this version', unsupported: true };
  const other = Object.hasOwn(OTHER_NAMES, key.toLowerCase()) ? OTHER_NAMES[key.toLowerCase()] : undefined;
  const meant = other !== undefined && known.includes(other) ? other : nearest(key, known);
  const advice = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
  return { message: `expected one of ${known.join(', ')}, found an unknown key${advice}` };
}

/** Everything that is wrong with the shape of a value, at once. */
export function shapeProblems(schema: z.ZodType, value: unknown): readonly ConfigProblem[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return issues.map((issue): ConfigProblem => {
    const path = issue.path.map(String);
    if (issue.code === 'custom' && issue.params && 'known' in issue.params) {
      return { path, onKey: true, ...unknownKey(path.at(-1) ?? '', issue.params as unknown as UnknownKeyParams) };
    }
    if (issue.code === 'invalid_key') return { path, onKey: true, message: issue.issues[0]?.message ?? issue.message };
    return { path, message: issue.message };
  });
}
