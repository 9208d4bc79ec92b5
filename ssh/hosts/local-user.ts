import { userInfo } from 'node:os';

/** The name of the user as whom the worker runs; empty where the system knows none, as in some containers. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? '';
  }
}
