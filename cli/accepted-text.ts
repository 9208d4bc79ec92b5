import type { SshProgress, SshRunUpdate, SshUpdateInput } from '../contract';
import { argument } from './answer-command';

type Input = SshUpdateInput & {
  readonly undo?: boolean;
  readonly approved?: boolean;
  readonly host?: string;
  readonly decision?: string;
};

const FOLLOWS: Readonly<Record<SshRunUpdate, (input: Input) => string>> = {
  pause: () => 'what runs goes on to its end, and nothing else begins until resume',
  resume: () => 'it goes on',
  approve: ({ approved = true }) => (approved ? 'it goes on' : 'the step fails'),
  abort: ({ undo = true }) =>
    undo ? 'what runs ends, and what was done is undone' : 'what runs ends, and all stays as it is',
  skipHost: ({ host = '' }) => `${host} is left out from its next step on`,
  resolve: ({ decision = '' }) => `it goes on with ${decision}`,
};

/** What follows from an order that a run has taken: the run itself is where it was before for a moment. */
export function acceptedText(
  update: SshRunUpdate,
  input: SshUpdateInput,
  { kind, name }: SshProgress,
  workflowId: string
): string {
  const watch = `watch it: temporal-ssh watch ${argument(workflowId)}`;
  return `${update === 'skipHost' ? 'skip-host' : update}: accepted by ${kind} ${name}; ${FOLLOWS[update](input)}; ${watch}`;
}
