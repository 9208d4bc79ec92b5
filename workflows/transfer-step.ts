import { ActivityCancellationType, scheduleActivity } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import {
  DEFAULT_HEARTBEAT_TIMEOUT_MS,
  isStepOption,
  parseDuration,
  resolveDeadlines,
  setUpLimitMs,
  stepProblems,
} from '../contract';
import type { OptionProblem, SshHostDefaults, SshStepOptions, SshTimeouts } from '../contract';
import { jobRetryPolicy } from './exec-activity-options';
import { sizeProblems } from './input-size';
import { invalidOptions, requireObject } from './invalid-options';
import { mergeOptions } from './merge-options';
import { UNDO_DEADLINE, UndoScope } from './undo-scope';

/** A transfer, as its helper describes it. */
export interface TransferStep {
  /** The activity. */
  readonly name: 'sshUpload' | 'sshDownload' | 'sshPutFile' | 'sshSync';
  readonly host: string;
  /** What the helper is called, for messages. */
  readonly step: string;
  /** What it does, for the Web UI; called once the options are good. */
  readonly summary: (input: Readonly<Record<string, unknown>>) => string;
  readonly defaults: SshHostDefaults;
  readonly options: object;
  /** Fields of the input that are no options. */
  readonly fixed: Readonly<Record<string, unknown>>;
  readonly problems: (input: unknown) => readonly OptionProblem[];
}

// The server's own timeout is only for a worker that still beats but no longer works: heartbeats and `idle` watch the rest.
const MARGIN_MS = 15 * 60_000;
const UNLIMITED_RUN_MS = 365 * 24 * 3_600_000;
const MAX_SUMMARY_LENGTH = 200;

/** Runs a transfer in exactly one activity. It can always be repeated, so that no failure of an attempt is excluded. */
export async function transferStep<T>(transfer: TransferStep): Promise<T> {
  const { name, host, step, fixed, options, problems: problemsOf } = transfer;
  const subject = `${step} on ${host}`;
  requireObject(subject, 'options', host, options);
  const merged = mergeOptions(hostDefaults(transfer.defaults), options);
  const given = Object.entries(merged).filter(([, value]) => value !== undefined);
  const input: Readonly<Record<string, unknown>> = {
    ...Object.fromEntries(given.filter(([option]) => !isStepOption(option))),
    ...fixed,
    host,
  };
  const temporal = Object.fromEntries(given.filter(([option]) => isStepOption(option)));
  const misplaced = ['host', ...Object.keys(fixed)].filter((option) => given.some(([each]) => each === option));
  const problems = [
    ...misplaced.map((option) => ({ option, expected: 'it as an argument', found: 'an option' })),
    ...problemsOf(input),
    ...stepProblems(temporal),
  ];
  if (problems.length === 0) problems.push(...sizeProblems(input));
  if (problems.length > 0) throw invalidOptions(subject, host, problems);
  return scheduleActivity<T>(name, [input], activityOptions(transfer.summary(input), input, temporal));
}

/** Those of the host's defaults that hold for a transfer: how long commands may run says nothing about one. */
function hostDefaults({ timeouts, retry, deadline, heartbeatTimeout, taskQueue }: SshHostDefaults): SshHostDefaults {
  const { run: _run, idle: _idle, ...setUp } = timeouts ?? {};
  return {
    ...(Object.keys(setUp).length > 0 && { timeouts: setUp }),
    ...(retry && { retry }),
    ...(deadline !== undefined && { deadline }),
    ...(heartbeatTimeout !== undefined && { heartbeatTimeout }),
    ...(taskQueue !== undefined && { taskQueue }),
  };
}

function activityOptions(
  what: string,
  { timeouts }: { readonly timeouts?: SshTimeouts },
  { retry, deadline, heartbeatTimeout, taskQueue, summary }: SshStepOptions
): ActivityOptions {
  const deadlines = resolveDeadlines(timeouts);
  // What undoes something must not wait for ever for a host that is gone: the undo steps after it wait for it.
  const deadlineMs = parseDuration(deadline ?? (UndoScope.isCurrent() ? UNDO_DEADLINE : undefined));
  return {
    startToCloseTimeout: setUpLimitMs(deadlines) + (deadlines.run ?? UNLIMITED_RUN_MS) + MARGIN_MS,
    ...(deadlineMs !== undefined && { scheduleToCloseTimeout: deadlineMs }),
    heartbeatTimeout: parseDuration(heartbeatTimeout) ?? DEFAULT_HEARTBEAT_TIMEOUT_MS,
    // With the SDK's default the workflow would go on while the transfer still does.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: jobRetryPolicy(retry),
    ...(taskQueue !== undefined && { taskQueue }),
    summary: (summary === undefined ? what : `${summary}: ${what}`).slice(0, MAX_SUMMARY_LENGTH),
  };
}
