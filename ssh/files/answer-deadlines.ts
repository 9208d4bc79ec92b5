import type { SshDeadlines } from '../../contract';

/** How long an answer or a byte is waited for where nothing else is said. */
const IDLE_MS = 60_000;

/** The deadlines of one exchange within a transfer: `run` is for the whole of it, and never without `idle`. */
export function answerDeadlines(deadlines: SshDeadlines): SshDeadlines & { readonly idle: number } {
  const { connect, banner, kex, auth, channel, exec, idle = IDLE_MS } = deadlines;
  return { connect, banner, kex, auth, channel, exec, idle };
}
