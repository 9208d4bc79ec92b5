import type { SshDeadlines } from '../../../../contract';
import type { CatalogueGround, Expectation } from '../row';

/** The deadlines of a case that differ from those that all have. */
export type OwnDeadlines = (deadlines: Required<SshDeadlines>) => Partial<SshDeadlines>;

/**
 * Twenty times the deadlines of the stages that a case is not about, so that a busy machine does not end it earlier. The one
 * that has to end it stays, and so do those of its own.
 */
export function relaxed(
  { deadlines }: Pick<CatalogueGround, 'deadlines'>,
  expect: Expectation,
  own: OwnDeadlines = () => ({})
): Required<SshDeadlines> {
  const strict = expect.ends === 'failure' ? expect.deadline : undefined;
  const entries = Object.entries(deadlines).map(([name, ms]) => [name, name === strict ? ms : ms * 20]);
  return { ...(Object.fromEntries(entries) as Required<SshDeadlines>), ...own(deadlines) };
}
