import type { HostFileFacts } from './host-files';

/** Attributes as a server gives them: none is certain to be there. */
export interface SftpAttributes {
  readonly mode?: number;
  readonly size?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
}

const TYPE = 0o170_000;
const KINDS: Readonly<Record<number, HostFileFacts['kind']>> = {
  0o100_000: 'file',
  0o040_000: 'directory',
  0o120_000: 'link',
};

/** Facts by the attributes of a server; what it does not tell is 0. */
export function hostFileFacts({ mode = 0, size = 0, uid = 0, gid = 0, mtime = 0 }: SftpAttributes): HostFileFacts {
  return { kind: KINDS[mode & TYPE] ?? 'other', size, mode: mode & 0o7777, uid, gid, mtime };
}
