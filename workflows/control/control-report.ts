import type { SshProgress, SshRunState } from '../../contract';
import type { RunControl } from './run-control';

/** What a report says of people: what they are asked, what they have decided, and so whether the run waits or pauses. */
export function controlReport(
  { questions, decisions, paused }: RunControl,
  now: SshRunState
): Pick<SshProgress, 'state' | 'paused' | 'questions' | 'decisions'> {
  const goesOn = now === 'running';
  const waits = questions.length > 0 ? 'waiting' : paused ? 'paused' : 'running';
  return { state: goesOn ? waits : now, ...(goesOn && paused && { paused }), questions, decisions };
}
