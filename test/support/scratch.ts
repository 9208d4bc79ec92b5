import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entrust } from './reaper';
import type { Owned } from './test-owner';

/** A temporary directory of one test, readable for its owner only. */
export interface Scratch {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** Writes a file into it and returns its path. @default mode 0o600 */
  write(name: string, content: string | Uint8Array, mode?: number): string;
  /** Removes it with all that is in it. May be called more than once. */
  remove(): void;
}

/** Makes a temporary directory that is removed after the test, also when the test process is killed. */
export function makeScratch({ t }: Owned = {}): Scratch {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'temporal-ssh-scratch-')));
  const release = entrust({ directory: path });
  const scratch: Scratch = {
    path,
    write: (name, content, mode = 0o600) => {
      const file = join(path, name);
      writeFileSync(file, content, { mode });
      return file;
    },
    remove: () => {
      rmSync(path, { recursive: true, force: true });
      release();
    },
  };
  t?.after(() => scratch.remove());
  return scratch;
}
