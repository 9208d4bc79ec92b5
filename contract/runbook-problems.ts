import { envProblems } from './command';
import { one, record } from './exec-problems';
import type { Check } from './exec-problems';
import { parseDuration } from './durations';
import { downloadProblems, putFileProblems, syncProblems, uploadProblems } from './file-problems';
import { mergedProblems } from './merged-problems';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';
import { SSH_STEP_KINDS } from './runbook';
import type { SshStepKind } from './runbook';
import * as rule from './runbook-checks';

const { within } = rule;

const ON_FAILURE = rule.oneOf('undo', 'stop', 'continue', 'ask');

const textTest = rule.objectOf({
  equals: (value) => (typeof value === 'string' ? [] : one('', 'a text', kindOf(value))),
  contains: rule.text,
});

const exitCode: Check = (value) => {
  const codes: readonly unknown[] = Array.isArray(value) ? value : [value];
  const good = codes.length > 0 && codes.every((code) => Number.isInteger(code) && (code as number) >= 0);
  return good ? [] : one('', 'an exit code, or a list of them', show(value));
};

const when = rule.objectOf(
  {
    step: rule.name,
    state: rule.oneOf('succeeded', 'failed', 'skipped'),
    exitCode,
    stdout: textTest,
    stderr: textTest,
  },
  ['step']
);

const undo: Check = (value) =>
  record(value) ? rule.execStepProblems(value, 'exec') : one('', 'an object with exec', kindOf(value));

/** What a step has whatever it does; for `exec` and `job` the rest are their options. */
const COMMON: Readonly<Record<string, Check>> = {
  name: rule.name,
  hosts: rule.hosts,
  atOnce: rule.count,
  when,
  undo,
  onFailure: ON_FAILURE,
  onUnknown: rule.oneOf('fail', 'ask'),
  verify: rule.command,
};

// As of the activities, which would refuse it when the step's turn has come.
const every: Check = (value) => {
  const ms = parseDuration(value);
  return ms !== undefined && ms < 1_000 ? one('', 'at least 1000 ms', `${ms} ms`) : rule.duration(value);
};
const WAITING: Readonly<Record<string, Check>> = { deadline: rule.duration, every };
const soak: Check = (value) => (value === 0 ? [] : rule.duration(value));
const isTrue: Check = (value) => (value === true ? [] : one('', 'true', show(value)));

/** A duration, or a moment. */
export const sleepUntil: Check = (value) =>
  parseMoment(value) === undefined && rule.duration(value).length > 0
    ? one('', "a duration such as '10m', or a moment such as '2030-01-31T02:00:00Z'", show(value))
    : [];

const KINDS: Readonly<Record<SshStepKind, (rest: Readonly<Record<string, unknown>>) => readonly OptionProblem[]>> = {
  exec: (rest) => rule.execStepProblems(rest, 'exec'),
  job: (rest) => rule.jobStepProblems(rest, 'job'),
  upload: rule.objectOf({ upload: rule.transferOf(uploadProblems) }),
  download: rule.objectOf({ download: rule.transferOf(downloadProblems) }),
  putFile: rule.objectOf({ putFile: rule.transferOf(putFileProblems) }),
  sync: rule.objectOf({ sync: rule.transferOf(syncProblems) }),
  healthy: rule.objectOf({ ...WAITING, healthy: rule.command, soak, failAfter: rule.count }),
  reachable: rule.objectOf({ ...WAITING, reachable: isTrue }),
  reboot: rule.objectOf({ ...WAITING, reboot: (value) => (value === true ? [] : rule.command(value)) }),
  sleep: rule.objectOf({ sleep: sleepUntil }),
  approve: rule.objectOf({ approve: rule.text, deadline: rule.duration }),
};

/** The moment that a text names, in milliseconds; `undefined` for anything but ISO 8601 with a time and an offset. */
export function parseMoment(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value))
    return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The kind of a step, of one that has exactly one. */
export function stepKindOf(step: object): SshStepKind | undefined {
  const kinds = SSH_STEP_KINDS.filter((kind) => (step as Record<string, unknown>)[kind] !== undefined);
  return kinds.length === 1 ? kinds[0] : undefined;
}

/** A field that is none of them is often one of them, mistyped. */
function noneOf(rest: Readonly<Record<string, unknown>>): string {
  const fields = Object.keys(rest);
  return fields.length === 0 ? 'none of them' : `none of them, but ${fields.join(', ')}`;
}

function stepProblemsOf(step: unknown, earlier: readonly unknown[], hasHosts: boolean): readonly OptionProblem[] {
  if (!record(step)) return one('', 'an object', kindOf(step));
  const kind = stepKindOf(step);
  const rest = Object.fromEntries(Object.entries(step).filter(([field]) => !Object.hasOwn(COMMON, field)));
  const common = Object.fromEntries(Object.entries(step).filter(([field]) => Object.hasOwn(COMMON, field)));
  const problems: OptionProblem[] = [...rule.objectOf(COMMON, ['name'])(common)];
  if (kind === undefined) {
    const found = SSH_STEP_KINDS.filter((each) => step[each] !== undefined);
    return [
      ...problems,
      ...one('', `exactly one of ${SSH_STEP_KINDS.join(', ')}`, found.join(' and ') || noneOf(rest)),
    ];
  }
  problems.push(...KINDS[kind](rest));
  const alone = kind === 'sleep' || kind === 'approve';
  const misplaced = alone
    ? ['hosts', 'atOnce', 'undo', 'onUnknown', 'verify'].filter((field) => step[field] !== undefined)
    : [];
  problems.push(...misplaced.flatMap((field) => one(field, `none for ${kind}`, kindOf(step[field]))));
  if (!alone && !hasHosts && step['hosts'] === undefined)
    problems.push(...one('hosts', 'hosts, here or in the runbook', 'none'));
  const condition = step['when'];
  if (record(condition) && typeof condition['step'] === 'string' && !earlier.includes(condition['step'])) {
    problems.push(...one('when.step', 'the name of an earlier step', show(condition['step'])));
  }
  return problems;
}

/** What is wrong with a list of steps, with the path of each problem from there; `before` are the names of steps before them. */
export function runbookStepsProblems(
  steps: unknown,
  hasHosts: boolean,
  before: readonly unknown[] = []
): readonly OptionProblem[] {
  if (!Array.isArray(steps) || steps.length === 0) return one('', 'a list of steps', kindOf(steps));
  const names = steps.map((step: unknown) => (record(step) ? step['name'] : undefined));
  return steps.flatMap((step: unknown, index) => [
    ...within(`[${index}]`, stepProblemsOf(step, [...before, ...names.slice(0, index)], hasHosts)),
    ...(names[index] !== undefined && (before.includes(names[index]) || names.indexOf(names[index]) < index)
      ? one(`[${index}].name`, 'a name that no step before it has', show(names[index]))
      : []),
  ]);
}

const env: Check = (value) => {
  if (!record(value)) return one('', 'an object of names and texts', kindOf(value));
  return envProblems(value).map(({ name, expected, found }) => ({ option: name ?? '', expected, found }));
};

/** The rule for options that all steps have. */
export const stepDefaults: Check = (value) => {
  if (!record(value)) return one('', 'an object of options', kindOf(value));
  const misplaced = ['stdin', 'summary', 'idempotent', 'once'].filter((field) => value[field] !== undefined);
  return [
    ...misplaced.flatMap((field) => one(field, 'it in a step', 'it for all steps')),
    ...rule.execStepProblems({ ...value, exec: 'true' }, 'exec'),
  ];
};

/** What a runbook and the parts of a rollout have in common. */
export const RUNBOOK_FIELDS: Readonly<Record<string, Check>> = {
  name: rule.name,
  description: rule.text,
  hosts: rule.hosts,
  env,
  defaults: stepDefaults,
  onFailure: ON_FAILURE,
  programs: rule.listOf(rule.text, 'a list of programs'),
};

/**
 * Everything that is wrong with a runbook, at once. `option` is the path to it, such as `steps[2].undo.exec`.
 */
export function runbookProblems(runbook: unknown): readonly OptionProblem[] {
  if (!record(runbook)) return one('runbook', 'an object', kindOf(runbook));
  const fields = { ...RUNBOOK_FIELDS, steps: () => [] };
  return tidy([
    ...rule.objectOf(fields, ['name', 'steps'])(runbook),
    ...(runbook['steps'] === undefined
      ? []
      : within('steps', runbookStepsProblems(runbook['steps'], runbook['hosts'] !== undefined))),
    ...(Array.isArray(runbook['steps']) ? within('steps', allMerged(runbook['steps'], runbook['defaults'])) : []),
  ]);
}

/** What is wrong with steps together with the defaults of all. */
export function allMerged(steps: readonly unknown[], defaults: unknown): readonly OptionProblem[] {
  return steps.flatMap((step, index) => within(`[${index}]`, mergedProblems(step, defaults)));
}

/** Everything that is wrong with the options of a run. */
export function runbookOptionProblems(options: unknown): readonly OptionProblem[] {
  return within('options', rule.objectOf({ dryRun: rule.flag, gate: rule.flag })(options));
}

/** Paths as they are written: `steps[0].name`. */
export function tidy(problems: readonly OptionProblem[]): readonly OptionProblem[] {
  return problems.map((problem) => ({ ...problem, option: problem.option.replaceAll('.[', '[') }));
}
