import type { HostFileFacts } from './host-files';

/** How `stat` of the host is asked: that of GNU and BusyBox, or that of BSD. */
export type StatProgram = 'gnu' | 'bsd';

/** Prints which of them there is. */
export const STAT_PROBE =
  'if [ "$(stat -c %F / 2>/dev/null)" ]; then echo gnu; elif [ "$(stat -f %Xp / 2>/dev/null)" ]; then echo bsd; fi';

/** A command that prints a line of facts for each path that follows it. `before` and `after` go around the facts. */
export function statCommand(program: StatProgram, before = '', after = ''): string {
  return program === 'gnu'
    ? `stat -c '${before}%f %s %u %g %Y${after.replace('NAME', '%n')}'`
    : `stat -f '${before}%Xp %z %u %g %m${after.replace('NAME', '%N')}'`;
}

const TYPE_BITS = 0o170_000;
const KINDS: Readonly<Record<number, HostFileFacts['kind']>> = {
  0o100_000: 'file',
  0o040_000: 'directory',
  0o120_000: 'link',
};

/** The facts in a line of {@link statCommand}; `undefined` for anything else. */
export function parseFacts(line: string): HostFileFacts | undefined {
  const [, hex = '', ...numbers] = /^([0-9a-fA-F]+) (\d+) (\d+) (\d+) (-?\d+)/.exec(line) ?? [];
  const [size, uid, gid, mtime] = numbers.map(Number);
  if (size === undefined || uid === undefined || gid === undefined || mtime === undefined) return undefined;
  const bits = parseInt(hex, 16);
  return { kind: KINDS[bits & TYPE_BITS] ?? 'other', size, mode: bits & 0o7777, uid, gid, mtime };
}
