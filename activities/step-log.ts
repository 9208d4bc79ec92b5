import type { Context } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { SSH_STAGES } from '../contract';
import type { SshError } from '../ssh/ssh-error';
import type { WireStage } from '../ssh/stage-clock';

/**
 * What one attempt of a step writes to the activity's log. Messages are fixed texts, and what varies stands in fields of
 * its own; nothing of commands, output or what a server said is among them, so that no server can forge a line.
 */
export class StepLog {
  #stage: WireStage | undefined;
  #startedAt = 0;

  constructor(
    private readonly log: Context['log'],
    private readonly host: string
  ) {}

  /** A stage begins. The one before it has ended well, unless all begins anew on a fresh connection. */
  stage(stage: WireStage): void {
    if (this.#stage !== undefined && SSH_STAGES.indexOf(stage) > SSH_STAGES.indexOf(this.#stage)) this.#endStage();
    this.#stage = stage;
    this.#startedAt = performance.now();
  }

  done(): void {
    this.#endStage();
  }

  /**
   * What the SDK's own line on a failed attempt does not have as fields. A failure that is terminal has that line alone.
   * Steps that wait for a host that is left alone are many, and no news.
   */
  failed({ type, details }: SshError, failure: ApplicationFailure): void {
    if (failure.nonRetryable) return;
    const { stage, elapsedMs } = details;
    this.log[type === 'SshHostCoolingDown' ? 'debug' : 'info']('SSH step failed; it can be tried again', {
      type,
      stage,
      host: this.host,
      elapsedMs,
      nextDelayMs: failure.nextRetryDelay,
    });
  }

  #endStage(): void {
    if (this.#stage === undefined) return;
    const ms = Math.round(performance.now() - this.#startedAt);
    this.log.debug('SSH stage done', { stage: this.#stage, host: this.host, ms });
    this.#stage = undefined;
  }
}
