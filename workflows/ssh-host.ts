import { ApplicationFailure } from '@temporalio/common';
import { scheduleActivity } from '@temporalio/workflow';
import { MAX_RESULT_BYTES, describeProblems, execProblems, kindOf, utf8Bytes } from '../contract';
import type { OptionProblem, SshExecInput, SshExecOptions, SshExecResult, SshHostDefaults } from '../contract';
import { execActivityOptions } from './exec-activity-options';
import { mergeOptions } from './merge-options';
import { withOutcome } from './outcome-unknown';
import { isStepOption, stepProblems } from './step-problems';

// Temporal's limit for a payload is the same in both directions.
const MAX_INPUT_BYTES = MAX_RESULT_BYTES;

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
      return exec(name, command, mergeOptions(defaults, options));
    },
  };
}

function requireObject(subject: string, option: string, host: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw invalidOptions(subject, host, [{ option, expected: 'an object', found: kindOf(value) }]);
}

async function exec(
  host: string,
  command: string | readonly string[],
  options: SshExecOptions
): Promise<SshExecResult> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const input = {
    ...Object.fromEntries(given.filter(([name]) => !isStepOption(name))),
    host,
    command,
  } as SshExecInput;
  const misplaced = given.flatMap(([name]) => misplacedProblems(name));
  const problems = [...misplaced, ...execProblems(input), ...stepProblems(Object.fromEntries(given))];
  if (problems.length === 0) problems.push(...sizeProblems(input));
  if (problems.length > 0) throw invalidOptions(`exec on ${host}`, host, problems);
  try {
    return await scheduleActivity<SshExecResult>('sshExec', [input], execActivityOptions(host, options));
  } catch (error) {
    throw withOutcome(error, host, options.idempotent ?? false);
  }
}

/** As an option it would be passed over, or run on another host than the one that the code names. */
function misplacedProblems(option: string): OptionProblem[] {
  if (option !== 'host' && option !== 'command') return [];
  return [{ option, expected: 'it as an argument', found: 'an option' }];
}

/** Temporal terminates a workflow that schedules an activity with more, and nothing in it gets to know. */
function sizeProblems(input: SshExecInput): OptionProblem[] {
  const bytes = utf8Bytes(JSON.stringify(input));
  if (bytes <= MAX_INPUT_BYTES) return [];
  const expected = `at most ${MAX_INPUT_BYTES} bytes as JSON, where a control character takes six`;
  return [{ option: 'command, stdin and env together', expected, found: `${bytes} bytes` }];
}

/** A bad option must fail the workflow: a `TypeError` would make it hang instead. */
function invalidOptions(subject: string, host: string, problems: readonly OptionProblem[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(describeProblems(subject, problems), 'SshInvalidOptions', {
    stage: 'config',
    host,
    elapsedMs: 0,
    commandMayHaveRun: false,
  });
}
