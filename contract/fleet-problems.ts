import { one, record } from './exec-problems';
import type { Check } from './exec-problems';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';
import * as rule from './runbook-checks';
import { RUNBOOK_FIELDS, allMerged, parseMoment, runbookStepsProblems, tidy } from './runbook-problems';

const { within } = rule;
const atLeastZero: Check = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? [] : one('', 'a whole number from 0 on', show(value));

const share = /^(100|[1-9]?\d)%$/;

const hostCount =
  (least: 0 | 1): Check =>
  (value) => {
    if (typeof value === 'string' && share.test(value)) return [];
    return Number.isSafeInteger(value) && (value as number) >= least
      ? []
      : one('', `a number of hosts from ${least} on, or a share such as '25%'`, show(value));
  };

const batch: Check = (value) =>
  Array.isArray(value) ? rule.listOf(hostCount(1), 'a number of hosts for each batch')(value) : hostCount(1)(value);

/** Steps that run on the hosts of the whole: they name none, and what needs people belongs elsewhere. */
function partProblems(part: unknown, before: readonly unknown[]): readonly OptionProblem[] {
  const problems = runbookStepsProblems(part, true, before);
  if (!Array.isArray(part)) return problems;
  const misplaced = part.flatMap((step: unknown, index) =>
    record(step)
      ? ['hosts', 'atOnce', 'approve'].flatMap((field) =>
          step[field] === undefined ? [] : one(`[${index}].${field}`, 'none here', kindOf(step[field]))
        )
      : []
  );
  return [...problems, ...misplaced];
}

/** What is wrong with the parts of a host's work, one after the other. */
function partsProblems(parts: readonly string[], whole: Readonly<Record<string, unknown>>): readonly OptionProblem[] {
  const before: unknown[] = [];
  return parts.flatMap((part) => {
    const steps = whole[part];
    if (steps === undefined) return [];
    const merged = Array.isArray(steps) ? within(part, allMerged(steps, whole['defaults'])) : [];
    const problems = [...within(part, partProblems(steps, before)), ...merged];
    if (Array.isArray(steps)) before.push(...steps.map((step: unknown) => (record(step) ? step['name'] : undefined)));
    return problems;
  });
}

const anything: Check = () => [];
const SHARED = Object.fromEntries(Object.entries(RUNBOOK_FIELDS).filter(([field]) => field !== 'onFailure'));

const ROLLOUT: Readonly<Record<string, Check>> = {
  ...SHARED,
  ...{ drain: anything, change: anything, check: anything, restore: anything },
  order: rule.oneOf('given', 'name'),
  canary: hostCount(0),
  approveCanary: rule.flag,
  batch,
  pause: rule.duration,
  maxUnavailable: hostCount(1),
  maxFailures: hostCount(0),
  onBudgetExceeded: rule.oneOf('rollback', 'stop', 'ask'),
  onFailure: rule.oneOf('undo', 'stop', 'ask'),
};

/** Everything that is wrong with a rollout, at once; `option` is the path to it. */
export function rolloutProblems(rollout: unknown): readonly OptionProblem[] {
  if (!record(rollout)) return one('rollout', 'an object', kindOf(rollout));
  return tidy([
    ...rule.objectOf(ROLLOUT, ['name', 'hosts', 'change'])(rollout),
    ...partsProblems(['drain', 'change', 'check', 'restore'], rollout),
  ]);
}

/** Everything that is wrong with the options of a rollout. */
export function rolloutOptionProblems(options: unknown): readonly OptionProblem[] {
  const done: Check = (value) => (Array.isArray(value) && value.length === 0 ? [] : rule.hosts(value));
  return tidy(within('options', rule.objectOf({ dryRun: rule.flag, gate: rule.flag, done })(options)));
}

const moment: Check = (value) =>
  parseMoment(value) === undefined && rule.duration(value).length > 0
    ? one('', "a moment such as '2030-01-31T02:00:00Z', or a duration from the start such as '3h'", show(value))
    : [];

const reboot: Check = (value) =>
  typeof value === 'boolean' ? [] : rule.objectOf({ when: rule.command, command: rule.command }, ['when'])(value);

const MAINTENANCE: Readonly<Record<string, Check>> = {
  ...SHARED,
  ...{ drain: anything, job: anything, verify: anything, restore: anything },
  atOnce: rule.count,
  window: rule.objectOf({ notBefore: moment, notAfter: moment }),
  reboot,
  maxFailures: atLeastZero,
};

/** Everything that is wrong with a maintenance, at once; `option` is the path to it. */
export function maintenanceProblems(maintenance: unknown): readonly OptionProblem[] {
  if (!record(maintenance)) return one('maintenance', 'an object', kindOf(maintenance));
  return tidy([
    ...rule.objectOf(MAINTENANCE, ['name', 'hosts', 'job'])(maintenance),
    ...partsProblems(['drain', 'job', 'verify', 'restore'], maintenance),
  ]);
}
