import { defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import { SSH_PROGRESS_QUERY, kindOf, show } from '../../contract';
import type {
  SshAbortInput,
  SshApproveInput,
  SshProgress,
  SshResolveInput,
  SshSkipHostInput,
  SshUpdateInput,
} from '../../contract';
import type { FleetOrder } from '../fleet/fleet-batch-input';
import type { RunControl } from './run-control';
import { requireWhoAndWhy } from './who-and-why';

const progressQuery = defineQuery<SshProgress>(SSH_PROGRESS_QUERY);
const pauseUpdate = defineUpdate<SshProgress, [SshUpdateInput]>('pause');
const resumeUpdate = defineUpdate<SshProgress, [SshUpdateInput]>('resume');
const approveUpdate = defineUpdate<SshProgress, [SshApproveInput]>('approve');
const abortUpdate = defineUpdate<SshProgress, [SshAbortInput]>('abort');
const skipHostUpdate = defineUpdate<SshProgress, [SshSkipHostInput]>('skipHost');
const resolveUpdate = defineUpdate<SshProgress, [SshResolveInput]>('resolve');

/** What the updates need to know of the run. */
export interface Listening {
  readonly control: RunControl;
  readonly progress: () => SshProgress;
  /** Whether the run knows a host, and has not finished with it. */
  readonly canSkip: (host: string) => boolean;
  /** Whether it is too late for anything: the run undoes, or has ended. */
  readonly isOver: () => boolean;
  /** Is told of what was ordered, for who has child workflows. Answers to questions go by {@link RunControl.relay}. */
  readonly onOrder?: (order: FleetOrder) => void;
}

/**
 * Lets people see a run and take a hand in it: the query `progress`, and the updates `pause`, `resume`, `approve`, `abort`, `skipHost` and
 * `resolve`. Each answers with the progress after it. What is refused is not in the history.
 */
export function listen({ control, progress, canSkip, isOver, onOrder = () => undefined }: Listening): void {
  const handle = <Input extends SshUpdateInput>(
    update: typeof pauseUpdate | typeof abortUpdate,
    description: string,
    apply: (input: Input) => void,
    refuse: (input: Input) => void = () => undefined
  ): void => {
    const handler = (input: SshUpdateInput): SshProgress => {
      apply(input as Input);
      return progress();
    };
    const validator = (input: SshUpdateInput): void => {
      requireWhoAndWhy(input);
      if (isOver()) throw new Error('The run has ended, or undoes what was done: it takes no orders any more.');
      refuse(input as Input);
    };
    setHandler(update as typeof pauseUpdate, handler, { validator, description });
  };

  setHandler(progressQuery, progress, { description: 'Where the run is, and what it waits for.' });
  handle(
    pauseUpdate,
    'Pauses before the next step. What runs goes on to its end.',
    (input) => {
      control.pause(input);
      onOrder({ order: 'pause', input });
    },
    () => {
      if (control.paused) throw new Error('The run is paused already.');
    }
  );
  handle(
    resumeUpdate,
    'Goes on after a pause.',
    (input) => {
      control.resume(input);
      onOrder({ order: 'resume', input });
    },
    () => {
      if (!control.paused) throw new Error('The run is not paused.');
    }
  );
  handle<SshApproveInput>(
    approveUpdate,
    'Answers a step that waits for an approval.',
    (input) => control.approve(input),
    (input) => {
      optional(input, { step: 'string', approved: 'boolean' });
      control.requireQuestion('approval', input);
    }
  );
  handle<SshAbortInput>(
    abortUpdate,
    'Ends what runs, and undoes what was done unless told not to.',
    (input) => control.abort(input),
    (input) => optional(input, { undo: 'boolean' })
  );
  handle<SshSkipHostInput>(
    skipHostUpdate,
    'Leaves a host out from its next step on.',
    (input) => {
      control.skipHost(input);
      onOrder({ order: 'skipHost', input });
    },
    ({ host }) => {
      if (typeof host !== 'string' || !canSkip(host))
        throw new Error(`host: expected one that is not done, found ${show(host)}`);
    }
  );
  handle<SshResolveInput>(
    resolveUpdate,
    'Decides about a step that failed, or whose outcome is not known.',
    (input) => control.resolve(input),
    (input) => {
      optional(input, { step: 'string', host: 'string', decision: 'string' });
      const { answers } = control.requireQuestion('decision', input);
      if (answers.includes(input.decision)) return;
      throw new Error(`decision: expected one of ${answers.join(', ')}, found ${show(input.decision)}`);
    }
  );
}

function optional(input: object, types: Readonly<Record<string, 'string' | 'boolean'>>): void {
  for (const [field, type] of Object.entries(types)) {
    const value = (input as Record<string, unknown>)[field];
    if (value !== undefined && typeof value !== type)
      throw new Error(`${field}: expected a ${type}, found ${kindOf(value)}`);
  }
}
