import { ActivityCancellationType, scheduleActivity } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { DEFAULT_HEARTBEAT_TIMEOUT_MS, parseDuration, resolveDeadlines, setUpLimitMs } from '../contract';
import type { OptionProblem, SshHostDefaults, SshTimeouts } from '../contract';
import { withDeadlinePassed } from './deadline-passed';
import type { Awaited } from './deadline-passed';
import { sizeProblems } from './input-size';
import { invalidOptions, requireObject } from './invalid-options';
import { mergeOptions } from './merge-options';
import { stepProblems } from './step-problems';

/** Looks at a host, one an attempt, until they have seen what is waited for. */
export interface LookStep {
  /** The activity. */
  readonly name: 'sshReachable' | 'sshHealthy';
  readonly host: string;
  /** What the helper is called, for messages and the summary. */
  readonly step: string;
  readonly defaults: SshHostDefaults;
  /** Those of the host's defaults that hold for a look, besides `timeouts`. */
  readonly inherited: readonly (keyof SshHostDefaults)[];
  readonly options: object;
  /** Fields of the input that are no options. */
  readonly fixed?: object;
  readonly problems: (input: unknown) => readonly OptionProblem[];
  readonly defaultDeadlineMs: number;
  readonly awaited: Pick<Awaited, 'type' | 'what'>;
}

interface LookInput {
  readonly host: string;
  readonly every?: unknown;
  readonly timeouts?: SshTimeouts;
}

const STEP_OPTIONS: readonly string[] = ['deadline', 'heartbeatTimeout', 'taskQueue', 'summary'];

const DEFAULT_EVERY_MS = 10_000;

// The server's own timeout of one look is only for a worker that still beats but no longer works.
const MARGIN_MS = 15 * 60_000;
const LOOK_RUN_MS = 30_000;

/** Runs the looks in exactly one activity. Its retries are the looks, which only the deadline limits. */
export async function lookUntil<T>(look: LookStep): Promise<T> {
  const { name, host, step, inherited, options, problems: problemsOf, fixed = {} } = look;
  const subject = `${step} on ${host}`;
  requireObject(subject, 'options', host, options);
  const { run: _run, idle: _idle, ...timeouts } = look.defaults.timeouts ?? {};
  // How long the steps on this host may run says nothing about a look.
  const defaults = {
    ...Object.fromEntries(inherited.map((field) => [field, look.defaults[field]])),
    ...(Object.keys(timeouts).length > 0 && { timeouts }),
  };
  const merged: Readonly<Record<string, unknown>> = { ...mergeOptions(defaults, options) };
  const given = Object.entries(merged).filter(([, value]) => value !== undefined);
  const input: LookInput = {
    ...Object.fromEntries(given.filter(([option]) => !STEP_OPTIONS.includes(option))),
    ...fixed,
    host,
  };
  const temporal = Object.fromEntries(given.filter(([option]) => STEP_OPTIONS.includes(option)));
  const misplaced = ['host', ...Object.keys(fixed)].filter((option) => merged[option] !== undefined);
  const problems = [
    ...misplaced.map((option) => ({ option, expected: 'it as an argument', found: 'an option' })),
    ...problemsOf(input),
    ...stepProblems(temporal),
  ];
  if (problems.length === 0) problems.push(...sizeProblems(input));
  if (problems.length > 0) throw invalidOptions(subject, host, problems);
  const deadlineMs = parseDuration(temporal['deadline']) ?? look.defaultDeadlineMs;
  try {
    return await scheduleActivity<T>(name, [input], activityOptions(look, input, temporal, deadlineMs));
  } catch (error) {
    throw withDeadlinePassed(error, { ...look.awaited, host, deadlineMs });
  }
}

function activityOptions(
  { host, step }: LookStep,
  { every, timeouts }: LookInput,
  { heartbeatTimeout, taskQueue, summary = step }: Readonly<Record<string, unknown>>,
  deadlineMs: number
): ActivityOptions {
  const interval = parseDuration(every) ?? DEFAULT_EVERY_MS;
  const deadlines = resolveDeadlines(timeouts);
  return {
    scheduleToCloseTimeout: deadlineMs,
    startToCloseTimeout: setUpLimitMs(deadlines) + (deadlines.run ?? LOOK_RUN_MS) + MARGIN_MS,
    heartbeatTimeout: parseDuration(heartbeatTimeout) ?? DEFAULT_HEARTBEAT_TIMEOUT_MS,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    // A look has its own delay to the next one; this is for those that a dead worker left without.
    retry: { initialInterval: interval, backoffCoefficient: 1, maximumInterval: interval },
    ...(taskQueue !== undefined && { taskQueue: taskQueue as string }),
    summary: `${String(summary)} on ${host}`.slice(0, 200),
  };
}
