import { resolveConfigPath } from './config-path';
import type { SecretSource } from './host-config';
import { readPrivateFile } from './private-file';

/** A secret, or what is wrong with its source, as the end of a message. */
export type SecretResult = { readonly secret: string } | { readonly message: string };

/** Fetches a secret from where it is kept. Read on each use, so that a secret that is exchanged needs no restart. */
export function readSecret(source: string | SecretSource, baseDir: string): SecretResult {
  if (typeof source === 'string') return { secret: source };
  if (source.env !== undefined) {
    const secret = process.env[source.env];
    if (secret) return { secret };
    const found = secret === undefined ? 'none of that name' : 'an empty one';
    return { message: `expected the environment variable ${source.env} of the worker, found ${found}` };
  }
  const path = resolveConfigPath(source.file, baseDir);
  const result = readPrivateFile(path);
  if ('found' in result) return { message: `expected a file with the secret at ${path}, found ${result.found}` };
  // Editors and `echo` end a file with a newline that nobody means.
  const secret = result.content.toString('utf8').replace(/\r?\n$/, '');
  return secret === '' ? { message: `expected a file with the secret at ${path}, found an empty file` } : { secret };
}
