import type { SshPlacing } from '../contract';
import type { UploadRequest } from '../ssh/files/upload-file';

/** The permissions that an octal string stands for. */
export function modeOf(mode: string): number {
  return Number.parseInt(mode, 8);
}

/** How the engine is to put a file in its place, from options that were checked. */
export function placingOf({ mode, owner, backup = false, validate }: SshPlacing): UploadRequest['placing'] {
  return {
    backup,
    ...(mode !== undefined && { mode: modeOf(mode) }),
    ...(owner !== undefined && { owner }),
    ...(validate !== undefined && { validate }),
  };
}
