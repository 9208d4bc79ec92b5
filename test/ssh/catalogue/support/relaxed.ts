import type { SshDeadlines } from '../../../../contract';

/**
 * Ten times the deadlines of the stages that a case is not about, so that a busy machine does not end it earlier; those
 * named stay.
 */
export function relaxed(
  deadlines: Required<SshDeadlines>,
  ...strict: readonly (keyof SshDeadlines)[]
): Required<SshDeadlines> {
  const all = Object.entries(deadlines) as [keyof SshDeadlines, number][];
  const entries = all.map(([name, ms]) => [name, strict.includes(name) ? ms : ms * 10]);
  return Object.fromEntries(entries) as Required<SshDeadlines>;
}
