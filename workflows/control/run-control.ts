import { ApplicationFailure, CancellationScope, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import { answerCommand, parseDuration } from '../../contract';
import type {
  SshAbortInput,
  SshApproveInput,
  SshDecision,
  SshQuestion,
  SshResolution,
  SshResolveInput,
  SshRunUpdate,
  SshUpdateInput,
} from '../../contract';
import type { Duration } from '@temporalio/common';

/** What is carried through continue-as-new. */
export interface CarriedControl {
  readonly decisions: readonly SshDecision[];
  readonly paused: boolean;
  readonly skippedHosts: readonly string[];
}

/** An answer to a question. */
export type Answer = { readonly by: string; readonly reason: string } & (
  { readonly approved: boolean } | { readonly decision: SshResolution }
);

interface Asked extends SshQuestion {
  answer?: Answer;
}

const KEPT_DECISIONS = 100;

const wordOf = (kind: SshQuestion['kind']): string => (kind === 'approval' ? 'an approval' : 'a decision');

/** What waits where there is no question of the kind that was answered, and how to answer it. */
function insteadOf(others: readonly Asked[]): string {
  const [first, ...more] = others.filter(({ answer }) => answer === undefined);
  if (first === undefined) return '';
  const where = first.host === undefined ? first.step : `${first.step} on ${first.host}`;
  const rest = more.length > 0 ? `, and ${more.length} more` : '';
  return ` There waits for ${wordOf(first.kind)}: ${where}${rest}. Answer it: ${answerCommand(first, workflowInfo().workflowId)}`;
}

/** What people have decided about a run, and what it asks them. It does not know how they are heard. */
export class RunControl {
  readonly #decisions: SshDecision[];
  readonly #asked: Asked[] = [];
  readonly #skipped: Set<string>;
  readonly #scope = new CancellationScope();
  #paused: boolean;
  #relayed: { readonly questions: readonly SshQuestion[]; readonly answer: (input: SshResolveInput) => void } = {
    questions: [],
    answer: () => undefined,
  };
  #abort: SshAbortInput | undefined;

  constructor(carried: Partial<CarriedControl> = {}) {
    this.#decisions = [...(carried.decisions ?? [])];
    this.#paused = carried.paused ?? false;
    this.#skipped = new Set(carried.skippedHosts);
  }

  get decisions(): readonly SshDecision[] {
    return this.#decisions;
  }

  get questions(): readonly SshQuestion[] {
    return [...this.#asked.map(({ answer: _answer, ...question }) => question), ...this.#relayed.questions];
  }

  /** Questions of a child workflow, and how their answers get there. */
  relay(questions: readonly SshQuestion[], answer: (input: SshResolveInput) => void): void {
    this.#relayed = { questions, answer };
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Set once somebody has aborted the run. */
  get abortion(): SshAbortInput | undefined {
    return this.#abort;
  }

  carry(): CarriedControl {
    return { decisions: this.#decisions, paused: this.#paused, skippedHosts: [...this.#skipped] };
  }

  isSkipped(host: string): boolean {
    return this.#skipped.has(host);
  }

  /** Runs what an abort cancels. */
  async run<T>(fn: () => Promise<T>): Promise<T> {
    return this.#scope.run(fn);
  }

  /** What was ordered about what was done, by an abort, or by the step that failed. */
  stays(decidedByStep: boolean): boolean {
    return this.#abort ? this.#abort.undo === false : decidedByStep;
  }

  /** `SshRunAborted` for the cancellation that an abort has caused, any other error as it is. */
  explain(error: unknown): unknown {
    return this.#abort && isCancellation(error) ? this.#aborted(error) : error;
  }

  /** Returns at once, or once nobody wants the run to pause any more, or `enough` holds. To be called between two steps. */
  async checkpoint(enough: () => boolean = () => false): Promise<void> {
    if (this.#paused) await condition(() => !this.#paused || enough());
  }

  /**
   * Asks, and waits for the answer.
   *
   * @returns `undefined` when there was none within `deadline`
   */
  async ask(question: Omit<SshQuestion, 'since'>, deadline?: Duration): Promise<Answer | undefined> {
    const asked: Asked = { ...question, since: new Date().toISOString() };
    this.#asked.push(asked);
    const answered = (): boolean => asked.answer !== undefined;
    try {
      const limit = parseDuration(deadline);
      if (limit === undefined) await condition(answered);
      else await condition(answered, limit);
      return asked.answer;
    } finally {
      this.#asked.splice(this.#asked.indexOf(asked), 1);
    }
  }

  /** Takes decisions on record that a child workflow was given. */
  note(decisions: readonly SshDecision[]): void {
    this.#decisions.push(...decisions);
    this.#decisions.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    this.#decisions.splice(0, this.#decisions.length - KEPT_DECISIONS);
  }

  pause(input: SshUpdateInput): void {
    this.#paused = true;
    this.#record('pause', input);
  }

  resume(input: SshUpdateInput): void {
    this.#paused = false;
    this.#record('resume', input);
  }

  approve(input: SshApproveInput): void {
    const { by, reason, approved = true } = input;
    const question = this.#find('approval', input);
    this.#record('approve', { ...input, step: question.step, decision: approved ? 'approved' : 'refused' });
    question.answer = { by, reason, approved };
  }

  resolve(input: SshResolveInput): void {
    const { by, reason, decision } = input;
    const question = this.#find('decision', input);
    const { step, host } = question;
    this.#record('resolve', { ...input, step, ...(host !== undefined && { host }) });
    const { questions, answer } = this.#relayed;
    if (questions.includes(question)) {
      // Answered once: the child workflow tells what it asks from then on.
      this.#relayed = { questions: questions.filter((each) => each !== question), answer };
      answer({ ...input, step, ...(host !== undefined && { host }) });
    } else question.answer = { by, reason, decision };
  }

  abort(input: SshAbortInput): void {
    this.#record('abort', { ...input, decision: (input.undo ?? true) ? 'undo' : 'stop' });
    this.#abort = input;
    // Whoever waits for somebody waits no more.
    this.#paused = false;
    this.#scope.cancel();
  }

  skipHost(input: SshUpdateInput & { readonly host: string }): void {
    this.#record('skipHost', input);
    this.#skipped.add(input.host);
  }

  /** The question that an answer is for. @throws Error that says which there are */
  #find(kind: SshQuestion['kind'], { step, host }: { readonly step?: string; readonly host?: string }): Asked {
    const all: readonly Asked[] = [...this.#asked, ...this.#relayed.questions];
    const open = all.filter((each) => each.kind === kind && each.answer === undefined);
    const meant = open.filter(
      (each) => (step === undefined || each.step === step) && (host === undefined || each.host === host)
    );
    const [only] = meant;
    if (only !== undefined && meant.length === 1) return only;
    const waiting = open.map((each) => (each.host === undefined ? each.step : `${each.step} on ${each.host}`));
    throw new Error(
      waiting.length === 0
        ? `Nothing waits for ${wordOf(kind)}.${insteadOf(all)}`
        : `${meant.length === 0 ? 'That does not wait' : 'Say which is meant'}; there wait: ${waiting.slice(0, 20).join(', ')}.`
    );
  }

  /** Throws what speaks against an answer; for validators. */
  requireQuestion(kind: SshQuestion['kind'], input: SshApproveInput | SshResolveInput): SshQuestion {
    return this.#find(kind, input);
  }

  #record(update: SshRunUpdate, input: SshUpdateInput & Partial<SshDecision>): void {
    const { by, reason, step, host, decision } = input;
    this.#decisions.push({
      at: new Date().toISOString(),
      update,
      by,
      reason,
      ...(step !== undefined && { step }),
      ...(host !== undefined && { host }),
      ...(decision !== undefined && { decision }),
    });
    if (this.#decisions.length > KEPT_DECISIONS) this.#decisions.shift();
  }

  #aborted(cause: unknown): ApplicationFailure {
    const { by = '', reason = '' } = this.#abort ?? {};
    return ApplicationFailure.create({
      type: 'SshRunAborted',
      message: `${by} aborted the run: ${reason}`,
      nonRetryable: true,
      ...(cause instanceof Error && { cause }),
    });
  }
}
