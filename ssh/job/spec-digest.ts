import { createHash } from 'node:crypto';
import type { JobRequest } from './job-client';

/** How many characters of the digest are kept on the host: 128 bits. */
const LENGTH = 32;

/**
 * What tells one job from another under the same id: all that decides what runs, and how. Guards and the id itself are no
 * part of it.
 */
export function specDigest(request: JobRequest, becomeUser: string | undefined): string {
  const { script, shell, env, cwd, umask, stdin, nice, ioClass } = request;
  const sorted = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
  const spec = [script, shell, sorted, cwd, umask, stdin, becomeUser, nice, ioClass].map((part) => part ?? null);
  return createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, LENGTH);
}
