import { SSH_FAILURES } from '../contract';
import type { SshDeadlines, SshFailureDetails, SshFailureType, SshStage } from '../contract';
import { FAILURE_HELP } from './failure-help';
import { cleanServerText } from './server-text';
import { SshError } from './ssh-error';
import type { SshErrorOptions } from './ssh-error';
import type { SshTarget } from './target';

/** The stages that happen on the wire, in order. */
export type WireStage = Exclude<SshStage, 'config'>;

/** What a failure says beyond where and when it happened. */
export interface FailureParts extends Partial<Omit<SshFailureDetails, 'stage' | 'host' | 'elapsedMs'>> {
  /** What happened, as a clause that follows the host: "sent no identification". */
  readonly what: string;
  /** The stage, when it is not the one that is under way. */
  readonly stage?: SshStage;
  readonly result?: SshErrorOptions['result'];
  readonly cause?: unknown;
}

/** Called when the deadline of a stage passes, with the failure that this is. */
export type DeadlineListener = (type: SshFailureType, parts: FailureParts) => void;

/** Told about each stage as it begins. */
export type StageListener = (stage: WireStage) => void;

/**
 * Keeps the time of one step: which stage is under way, how long each took, and the one timer that its absolute
 * deadline has. It also makes the failures, since each names its stage, its limit and the time it took.
 */
export class StageClock {
  #stage: WireStage = 'connect';
  #startedAt = performance.now();
  #endedAt: number | undefined = this.#startedAt;
  #timer: NodeJS.Timeout | undefined;
  #lastLook: NodeJS.Immediate | undefined;
  readonly #onStage: StageListener | undefined;
  readonly #durations = new Map<WireStage, number>();

  constructor(
    readonly target: Pick<SshTarget, 'name' | 'address' | 'port'>,
    readonly deadlines: SshDeadlines,
    onStage?: StageListener
  ) {
    this.#onStage = onStage;
  }

  get stage(): WireStage {
    return this.#stage;
  }

  /** Since the stage began; for a stage that has ended, how long it took. */
  get elapsedMs(): number {
    return Math.round((this.#endedAt ?? performance.now()) - this.#startedAt);
  }

  /** Begins a stage; its deadline, when it has one, calls back once. */
  enter(stage: WireStage, onDeadline: DeadlineListener): void {
    this.leave();
    this.#stage = stage;
    this.#startedAt = performance.now();
    this.#endedAt = undefined;
    const limit = this.deadlines[stage];
    if (limit !== undefined) {
      this.#timer = setLongTimeout(
        limit,
        (timer) => (this.#timer = timer),
        () => {
          // Timers run before sockets are read. When this process was held up, what would have ended the stage may have
          // come in time: the deadline is the server's, not ours.
          this.#lastLook = setImmediate(onDeadline, TIMEOUT_TYPES[stage], {
            what: TIMEOUT_TEXT[stage],
            limitMs: limit,
          });
        }
      );
    }
    this.#onStage?.(stage);
  }

  /** Ends the stage that is under way and stops its timer. */
  leave(): void {
    this.stop();
    if (this.#endedAt !== undefined) return;
    this.#endedAt = performance.now();
    this.#durations.set(this.#stage, this.elapsedMs);
  }

  /** How long each stage took that has ended, well or not, in milliseconds. */
  get durations(): ReadonlyMap<WireStage, number> {
    return this.#durations;
  }

  /** Stops the timer of the stage. */
  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#lastLook);
    this.#timer = undefined;
    this.#lastLook = undefined;
  }

  /** How long a stage took, in milliseconds; 0 if it never began. */
  durationMs(stage: WireStage): number {
    return this.#durations.get(stage) ?? 0;
  }

  /** Makes a failure of the stage that is under way. */
  failure(type: SshFailureType, { what, result, cause, stage = this.#stage, ...rest }: FailureParts): SshError {
    const { name, address, port } = this.target;
    const { elapsedMs } = this;
    const details: SshFailureDetails = {
      commandMayHaveRun: false,
      ...rest,
      stage,
      host: name,
      address,
      port,
      elapsedMs,
    };
    const said = details.serverText ? ` The server said: "${details.serverText}".` : '';
    const after = SSH_FAILURES[type].stage === 'config' ? '' : ` (stage ${stage}, after ${elapsedMs} ms)`;
    // What happened may quote the server: a channel open failure, for one, carries its text.
    const message = `${name} (${address}:${port}) ${cleanServerText(what, MAX_WHAT)}${after}.${said} ${FAILURE_HELP[type].next}`;
    return new SshError(type, { message, details, ...(result && { result }), cause });
  }
}

const TIMEOUT_TYPES = {
  connect: 'SshConnectTimeout',
  banner: 'SshBannerTimeout',
  kex: 'SshKexTimeout',
  auth: 'SshAuthTimeout',
  channel: 'SshChannelTimeout',
  exec: 'SshExecTimeout',
  run: 'SshRunTimeout',
} as const satisfies Record<WireStage, SshFailureType>;

const TIMEOUT_TEXT: Record<WireStage, string> = {
  connect: 'accepted no TCP connection in time',
  banner: 'accepted the connection but sent no SSH identification in time',
  kex: 'did not finish the key exchange in time',
  auth: 'did not finish the authentication in time',
  channel: 'did not answer the channel open in time',
  exec: 'did not answer the exec request in time',
  run: 'did not end the command in time',
};

/** A host key that is refused needs some 800 characters to say why. */
const MAX_WHAT = 2_048;

/** The longest that one timer of Node can run; a longer one fires at once. */
export const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** `setTimeout` for limits over 24.8 days too, where Node would fire at once. */
function setLongTimeout(ms: number, keep: (timer: NodeJS.Timeout) => void, callback: () => void): NodeJS.Timeout {
  if (ms <= LONGEST_TIMEOUT_MS) return setTimeout(callback, ms);
  return setTimeout(() => keep(setLongTimeout(ms - LONGEST_TIMEOUT_MS, keep, callback)), LONGEST_TIMEOUT_MS);
}
