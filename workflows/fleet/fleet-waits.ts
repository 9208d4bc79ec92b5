import type { Duration } from '@temporalio/common';
import { sleep } from '@temporalio/workflow';
import { parseDuration } from '../../contract';
import type { SshProgress, SshQuestion } from '../../contract';
import type { Answer, RunControl } from '../control/run-control';

type Waiting = NonNullable<SshProgress['waitingFor']>;

const SUMMARIES = { window: 'until the window opens', pause: 'between two batches' } as const;

/** What a fleet waits for itself, between its hosts; whoever looks at it is told when a wait begins and ends. */
export class FleetWaits {
  #waitingFor: Waiting | undefined;

  constructor(
    readonly control: RunControl,
    readonly onChange: () => void
  ) {}

  /** Set while it waits for a time. */
  get waitingFor(): Waiting | undefined {
    return this.#waitingFor;
  }

  /** Waits for somebody's answer. */
  async ask(question: Omit<SshQuestion, 'since'>): Promise<Answer | undefined> {
    const answered = this.control.ask(question);
    this.onChange();
    return answered.finally(this.onChange);
  }

  /** Waits for a time, a plain number being milliseconds. */
  async sleep(what: Waiting['what'], time: Duration): Promise<void> {
    const until = new Date(Date.now() + (parseDuration(time) ?? 0)).toISOString();
    this.#waitingFor = { what, until };
    this.onChange();
    try {
      await sleep(time, { summary: SUMMARIES[what] });
    } finally {
      this.#waitingFor = undefined;
      this.onChange();
    }
  }
}
