import type { SshProgress } from '../contract';
import { cleanServerText } from '../ssh/server-text';

const MOST_LINES = 10;
const MOST_HOSTS = 5;

/** The end of a command's standard error, a line for each, indented and cleaned. */
export function stderrLines({ stderrTail }: { readonly stderrTail?: string }, where: string): string[] {
  if (stderrTail === undefined) return [];
  const lines = stderrTail.split(/\r\n|[\r\n]/).slice(-MOST_LINES);
  return [`  ${cleanServerText(`stderr${where}:`)}`, ...lines.map((line) => `    ${cleanServerText(line)}`)];
}

/** As {@link stderrLines}, of the first hosts of a run on which a step failed. */
export function stderrLinesOf({ hosts = [], steps }: SshProgress): string[] {
  const all = [
    ...hosts.map((host) => ({ ...host, on: `${host.step === undefined ? '' : ` of ${host.step}`} on ${host.host}` })),
    ...steps.flatMap(({ name, hosts: each = [] }) =>
      each.map((host) => ({ ...host, on: ` of ${name} on ${host.host}` }))
    ),
  ];
  const failed = all.filter(({ stderrTail }) => stderrTail !== undefined);
  return failed.slice(0, MOST_HOSTS).flatMap((host) => stderrLines(host, host.on));
}
