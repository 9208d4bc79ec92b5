import { scheduleActivity } from '@temporalio/workflow';
import { execProblems, isStepOption, kindOf, stepProblems } from '../contract';
import type {
  OptionProblem,
  SshExecInput,
  SshExecOptions,
  SshExecResult,
  SshHostDefaults,
  SshJobAttachOptions,
  SshJobOptions,
} from '../contract';
import { endedWhenCancelled } from './cancelled-job';
import { execActivityOptions } from './exec-activity-options';
import { sizeProblems } from './input-size';
import { invalidOptions, requireObject } from './invalid-options';
import { nextJobId } from './job-id';
import { mergeOptions } from './merge-options';
import { withOutcome } from './outcome-unknown';
import { startJob } from './ssh-job';
import type { SshJob } from './ssh-job';

import { UndoScope, undoDefaults } from './undo-scope';

/** A host as a workflow sees it: a name that the workers' hosts file knows. */
export interface SshHost {
  readonly name: string;
  /**
   * Executes a command on the host, in exactly one activity, `sshExec`.
   *
   * A string is for the login shell of the remote user; a list of arguments is quoted. The step is tried again, with
   * growing delays, for as long as no command was sent; after that only if it is `idempotent`.
   *
   * @returns the result of a command whose exit code is in `okExitCodes`.
   * @throws `ApplicationFailure` of type `SshInvalidOptions`, at once, for bad options.
   * @throws `ActivityFailure` whose cause is an `ApplicationFailure` with one of our types: `SshExitStatus` for another
   * exit code, `SshOutcomeUnknown` when the command may have run and must not be sent again. See {@link sshFailureOf}.
   */
  exec(command: string | readonly string[], options?: SshExecOptions): Promise<SshExecResult>;
  /**
   * Starts a job on the host and follows it to its end, in one activity, `sshJob`. It goes on while workers die,
   * connections break and nobody follows it, runs at most once for each id, and is found again by every retry.
   *
   * A cancellation ends the job: the promise rejects as cancelled once no process of it is left.
   *
   * @throws `ApplicationFailure` of type `SshInvalidOptions`, by the promise, for bad options.
   * @throws `ActivityFailure` whose cause is an `ApplicationFailure` with one of our types: `SshExitStatus` for another
   * exit code, `SshJobCancelIncomplete` when a cancelled job may have left something.
   */
  job(command: string | readonly string[], options?: SshJobOptions): SshJob;
  /** Follows a job that was started elsewhere, as {@link SshHost.job} does. Cancelling it ends the job as well. */
  attach(id: string, options?: SshJobAttachOptions): SshJob;
}

/**
 * Names a host for SSH steps. Nothing happens until a step is called.
 *
 * @param defaults - options for all steps on this host.
 * @throws `ApplicationFailure` of type `SshInvalidOptions` for a name that is none.
 */
export function sshHost(name: string, defaults: SshHostDefaults = {}): SshHost {
  if (typeof name !== 'string' || name === '') {
    throw invalidOptions('sshHost', '', [{ option: 'name', expected: "a host's name", found: kindOf(name) }]);
  }
  requireObject(`sshHost ${name}`, 'defaults', name, defaults);
  return {
    name,
    exec: async (command, options = {}) => {
      requireObject(`exec on ${name}`, 'options', name, options);
      const merged = mergeOptions(defaults, options);
      return exec(name, command, UndoScope.isCurrent() ? undoDefaults(merged) : merged);
    },
    job: (command, options = {}) => {
      requireObject(`job on ${name}`, 'options', name, options);
      if (command === undefined) {
        throw invalidOptions(`job on ${name}`, name, [{ option: 'command', expected: 'a command', found: 'nothing' }]);
      }
      return startJob(name, options.id ?? nextJobId('job'), command, defaults, options);
    },
    attach: (id, options = {}) => {
      requireObject(`attach on ${name}`, 'options', name, options);
      return startJob(name, id, undefined, defaults, options);
    },
  };
}

async function exec(
  host: string,
  command: string | readonly string[],
  options: SshExecOptions
): Promise<SshExecResult> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const once = options.once === true;
  const input = {
    ...Object.fromEntries(given.filter(([name]) => !isStepOption(name) && name !== 'once')),
    host,
    command,
    ...(once && { once: nextJobId('once') }),
  } as SshExecInput;
  const misplaced = given.flatMap(([name, value]) => misplacedProblems(name, value));
  const problems = [...misplaced, ...execProblems(input), ...stepProblems(Object.fromEntries(given))];
  if (problems.length === 0) problems.push(...sizeProblems(input));
  if (problems.length > 0) throw invalidOptions(`exec on ${host}`, host, problems);
  const running = scheduleActivity<SshExecResult>('sshExec', [input], execActivityOptions(host, options));
  if (input.once !== undefined) {
    const { timeouts } = options;
    const { deadline: _deadline, ...step } = options;
    return endedWhenCancelled(running, { host, id: input.once, ...(timeouts && { timeouts }) }, step);
  }
  try {
    return await running;
  } catch (error) {
    throw withOutcome(error, host, options.idempotent ?? false);
  }
}

/** As an option it would be passed over, or run on another host than the one that the code names. */
function misplacedProblems(option: string, value: unknown): OptionProblem[] {
  if (option === 'once' && typeof value !== 'boolean') {
    return [{ option, expected: 'true or false', found: kindOf(value) }];
  }
  if (option !== 'host' && option !== 'command') return [];
  return [{ option, expected: 'it as an argument', found: 'an option' }];
}
