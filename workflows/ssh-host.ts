import { scheduleActivity } from '@temporalio/workflow';
import { execProblems, isStepOption, kindOf, stepProblems } from '../contract';
import type {
  OptionProblem,
  SshCheckOptions,
  SshCheckResult,
  SshExecInput,
  SshExecOptions,
  SshExecResult,
  SshHealthyOptions,
  SshHealthyResult,
  SshHostDefaults,
  SshJobAttachOptions,
  SshJobOptions,
  SshReachableResult,
  SshRebootOptions,
  SshRebootResult,
  SshWaitOptions,
} from '../contract';
import { endedWhenCancelled } from './cancelled-job';
import { checkHost } from './check-host';
import { execActivityOptions } from './exec-activity-options';
import { sizeProblems } from './input-size';
import { invalidOptions, requireObject } from './invalid-options';
import { nextJobId } from './job-id';
import { mergeOptions } from './merge-options';
import { withOutcome } from './outcome-unknown';
import { reboot } from './reboot';
import { startJob } from './ssh-job';
import type { SshJob } from './ssh-job';
import { transferFiles } from './transfer-files';
import type { SshHostFiles } from './transfer-files';
import { UndoScope, undoDefaults } from './undo-scope';
import { untilHealthy } from './until-healthy';
import { waitUntilReachable } from './wait-until-reachable';

/** A host as a workflow sees it: a name that the workers' hosts file knows. */
export interface SshHost extends SshHostFiles {
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
  /**
   * Waits until the host lets a worker in, in exactly one activity, `sshReachable`, each of whose attempts is one look. Between
   * looks nothing is held: no worker slot, no connection, and the history does not grow.
   *
   * @returns which boot of the host it is, and the host key.
   * @throws `ApplicationFailure` of type `SshInvalidOptions`, at once, for bad options.
   * @throws `ActivityFailure` whose cause is an `ApplicationFailure` with one of our types: `SshUnreachable` when the deadline
   * passed, with the last look as its details and cause; at once what does not pass by itself, such as `SshHostKeyMismatch`,
   * `SshAuthFailed` or `SshUnknownHost`.
   */
  waitUntilReachable(options?: SshWaitOptions): Promise<SshReachableResult>;
  /**
   * Reboots the host and waits until it is back, in exactly three activities: `sshReachable`, `sshExec`, `sshReachable`. The
   * command is sent once. That its connection breaks is expected; that the host has another boot id afterwards is the proof.
   *
   * @throws `ApplicationFailure`: `SshInvalidOptions`, at once, for bad options; `SshConfigUnsupported`, before anything is
   * sent, for a host without a boot id; `SshHostKeyMismatch` for another host key after the reboot.
   * @throws `ActivityFailure` whose cause is an `ApplicationFailure` with one of our types: `SshExitStatus` for a command that
   * failed, `SshUnreachable` for a host that was not there with another boot id before the deadline.
   */
  reboot(options?: SshRebootOptions): Promise<SshRebootResult>;
  /**
   * Looks at the host by a command, again and again, until all looks of the time `soak` have found it healthy: in exactly one
   * activity, `sshHealthy`, each of whose attempts is one look. The command runs many times and should change nothing.
   *
   * @throws `ApplicationFailure` of type `SshInvalidOptions`, at once, for bad options.
   * @throws `ActivityFailure` whose cause is an `ApplicationFailure` with one of our types: `SshUnhealthy` when the deadline
   * passed or `failAfter` looks in a row were bad, with the last look as its details and cause; at once what does not pass
   * by itself, such as `SshHostKeyMismatch`.
   */
  untilHealthy(command: string | readonly string[], options?: SshHealthyOptions): Promise<SshHealthyResult>;
  /**
   * A dry run of what every step needs of the host, in exactly one activity, `sshCheck`: connection, host key, credentials,
   * a shell, and the programs that are named. It changes nothing on the host.
   *
   * @returns what is missing, among others; that is no failure.
   * @throws as {@link SshHost.exec}.
   */
  check(options?: SshCheckOptions): Promise<SshCheckResult>;
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
    waitUntilReachable: async (options = {}) => waitUntilReachable(name, defaults, options),
    reboot: async (options = {}) =>
      reboot(
        { name, defaults, exec: async (command, more) => exec(name, command, mergeOptions(defaults, more)) },
        options
      ),
    untilHealthy: async (command, options = {}) => untilHealthy(name, command, defaults, options),
    check: async (options = {}) => checkHost(name, defaults, options),
    ...transferFiles(name, defaults),
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
