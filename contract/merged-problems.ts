import { one, record } from './exec-problems';
import { SSH_TRANSFER_KINDS } from './files';
import { kindOf } from './option-problem';
import type { OptionProblem } from './option-problem';
import { stepProblems } from './step-problems';

/**
 * What a step would be refused for together with the defaults of all steps, each of them good by itself: found before the first step,
 * and not when its turn comes.
 */
export function mergedProblems(step: unknown, defaults: unknown = {}): readonly OptionProblem[] {
  if (!record(step) || !record(defaults)) return [];
  const undo = record(step['undo']) ? together(step['undo'], defaults) : [];
  const own = step['exec'] === undefined && step['job'] === undefined ? [] : together(step, defaults);
  const transfers = SSH_TRANSFER_KINDS.flatMap((kind) => {
    const options = step[kind];
    if (!record(options) || !isMerged(options, defaults)) return [];
    return within(kind, stepProblems({ retry: retryOf(options, defaults) }));
  });
  return [...own, ...transfers, ...within('undo', undo), ...polled(step, defaults)];
}

function within(path: string, problems: readonly OptionProblem[]): readonly OptionProblem[] {
  return problems.map((problem) => ({ ...problem, option: `${path}.${problem.option}` }));
}

type Options = Readonly<Record<string, unknown>>;

function together(options: Options, defaults: Options): readonly OptionProblem[] {
  const { once, pty = defaults['pty'] } = options;
  const terminal = once === true && pty === true ? one('once', 'not together with pty', 'true') : [];
  return [...terminal, ...(isMerged(options, defaults) ? stepProblems({ retry: retryOf(options, defaults) }) : [])];
}

function isMerged(options: Options, defaults: Options): boolean {
  return record(options['retry']) && record(defaults['retry']);
}

function retryOf(options: Options, defaults: Options): Record<string, unknown> {
  return {
    ...(record(defaults['retry']) ? defaults['retry'] : {}),
    ...(record(options['retry']) ? options['retry'] : {}),
  };
}

/** Each look at a job is an attempt. */
function polled(step: Options, defaults: Options): readonly OptionProblem[] {
  const { job, follow = 'poll' } = step;
  const { maximumAttempts } = retryOf(step, defaults);
  if (job === undefined || follow !== 'poll' || maximumAttempts === undefined) return [];
  return one('retry.maximumAttempts', "none for a job without follow: 'stream'", kindOf(maximumAttempts));
}
