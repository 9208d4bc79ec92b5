import type { RunControl } from '../control/run-control';
import { failureText } from '../failure-text';
import { joinedText } from '../joined-text';
import { stderrTailOf } from '../runbook/stderr-tail';
import { undoOnHost } from '../runbook/step-action';
import { StepFailed } from '../runbook/step-failed';
import { UndoScope } from '../undo-scope';
import type { FleetPlan } from './fleet-plan';
import { HostSteps, endText } from './host-steps';

/** How a host of a fleet ended. */
export interface FleetHostResult {
  readonly host: string;
  /**
   * `undone`: it is as it was before, also where nothing of a step that failed has reached it. `failed`: not, or not surely. `skipped`: nothing was done there.
   */
  readonly state: 'succeeded' | 'failed' | 'undone' | 'skipped';
  /** Whether it is in service, as far as `restore` tells. */
  readonly available: boolean;
  readonly step?: string;
  readonly type?: string;
  readonly message?: string;
  readonly stderrTail?: string;
}

// The results of a whole batch have to fit into a payload.
const MAX_TEXT = 2_000;

/** What a host is run with. */
export interface HostRunOptions {
  readonly plan: FleetPlan;
  readonly control: RunControl;
  readonly onStep: (step: string, state: 'running' | 'waiting' | 'undoing') => void;
}

/**
 * Drain, work, check and restore on one host. Where something fails, or the run is cancelled, what was done is undone, and the host is
 * taken into service again if that succeeded. It never throws: what becomes of the run is decided for the whole fleet.
 */
export async function runHost(host: string, { plan, control, onStep }: HostRunOptions): Promise<FleetHostResult> {
  const steps = new HostSteps({ plan, host, control, onStep });
  let worked = false;
  try {
    await steps.run(plan.drain);
    worked = true;
    await steps.run(plan.work);
    await steps.run(plan.check);
    await steps.run(plan.restore, { always: plan.restoreAlways });
    return { host, state: 'succeeded', available: true };
  } catch (error) {
    const { type, message } = endText(error);
    const step = steps.current;
    const stderrTail = stderrTailOf(StepFailed.cause(error));
    const failed = {
      ...{ host, type, message },
      ...(step !== undefined && { step }),
      ...(stderrTail !== undefined && { stderrTail }),
    };
    const nothingDone = step === undefined;
    if (nothingDone) return { ...failed, state: 'skipped', available: true };
    if (!steps.touched) return { ...failed, state: 'undone', available: true };
    const stays = control.stays(error instanceof StepFailed && error.then === 'stop');
    if (stays && !plan.restoreAlways) return { ...failed, state: 'failed', available: false };
    onStep(step, 'undoing');
    // Work without any undo step is not taken for undone.
    const undoable = !worked || steps.stack.names.length > 0;
    const notUndone = stays ? [] : (await steps.stack.undoAll()).notUndone;
    const undone = !stays && notUndone.length === 0 && undoable;
    const restored = undone || plan.restoreAlways ? await restore(steps, plan) : 'was not restored';
    const problems = [
      ...notUndone.map(({ name, message: why }) => `${name} is not undone: ${why}`),
      ...(restored === undefined || plan.restore.length === 0 ? [] : [restored]),
    ];
    const told = joinedText([message, ...problems]).slice(0, MAX_TEXT);
    return { ...failed, message: told, state: undone ? 'undone' : 'failed', available: restored === undefined };
  }
}

/** Undoes on a host what an earlier run of this rollout has done there: out of service, back, into service. */
export async function rollBackHost(host: string, { plan, control, onStep }: HostRunOptions): Promise<FleetHostResult> {
  const steps = new HostSteps({ plan, host, control, onStep: (step) => onStep(step, 'undoing') });
  try {
    return await new UndoScope().run(async () => {
      await steps.run(plan.drain, { always: true });
      for (const { name, undo } of [...plan.work, ...plan.check]) {
        if (undo === undefined) continue;
        const run = async (): Promise<void> => {
          onStep(name, 'undoing');
          await undoOnHost(undo, name, host, plan.given);
        };
        steps.stack.push({ name, run, options: {} });
      }
      // Last what a drain says of its own undo; most leave that to `restore`.
      const [first, ...others] = (await steps.stack.undoAll()).notUndone;
      if (first) {
        const told = [first, ...others].map(({ name, message }) => `${name} is not undone: ${message}`);
        return notRolledBack(host, first.type, joinedText(told));
      }
      const why = await restore(steps, plan);
      return why === undefined ? { host, state: 'undone', available: true } : notRolledBack(host, 'SshRunFailed', why);
    });
  } catch (error) {
    const { type, message } = failureText(StepFailed.cause(error));
    return notRolledBack(host, type, message);
  }
}

function notRolledBack(host: string, type: string, why: string): FleetHostResult {
  return { host, state: 'failed', available: false, type, message: `not rolled back: ${why}`.slice(0, MAX_TEXT) };
}

/** @returns why it could not be restored */
async function restore(steps: HostSteps, plan: FleetPlan): Promise<string | undefined> {
  try {
    await new UndoScope().run(() => steps.run(plan.restore, { always: true }));
    return steps.unseen.length === 0 ? undefined : `was not restored: ${joinedText(steps.unseen)}`;
  } catch (error) {
    return `was not restored: ${failureText(StepFailed.cause(error)).message}`;
  }
}
