import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes an executable `sh` script; returns its path. */
export function program(directory: string, name: string, script: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

/** A stand-in for the Temporal CLI that knows `--version` only. */
export function fakeTemporal(directory: string, version: string): string {
  return program(directory, 'temporal', `[ "$1" = --version ] && echo "temporal version ${version}"`);
}
