import { parseDuration, parseMoment } from '../../contract';
import type { SshHostCount, SshMaintenance, SshRollout, SshRunbookStep } from '../../contract';
import { programsOf } from '../runbook/dry-run';
import type { StepDefaults } from '../runbook/step-action';

/** What is done on each host of a fleet, as data: rollouts and maintenance differ in it, and not in how it is run. */
export interface FleetPlan {
  readonly kind: 'rollout' | 'maintenance';
  readonly name: string;
  readonly given: StepDefaults;
  readonly programs: readonly string[];
  readonly drain: readonly SshRunbookStep[];
  readonly work: readonly SshRunbookStep[];
  readonly check: readonly SshRunbookStep[];
  readonly restore: readonly SshRunbookStep[];
  /** Whether a host whose work failed and is not undone is taken into service all the same. */
  readonly restoreAlways: boolean;
  readonly onFailure: 'undo' | 'stop' | 'ask';
  /** Begins no step after it but those that restore, in milliseconds since the epoch. */
  readonly notAfter?: number;
  readonly gate: boolean;
}

/** What a rollout does on each host. */
export function planOfRollout(rollout: SshRollout, gate: boolean): FleetPlan {
  const {
    name,
    env,
    defaults,
    programs = [],
    drain = [],
    change,
    check = [],
    restore = [],
    onFailure = 'undo',
  } = rollout;
  return {
    kind: 'rollout',
    name,
    given: { ...(env && { env }), ...(defaults && { defaults }) },
    programs,
    ...{ drain, work: change, check, restore },
    restoreAlways: false,
    onFailure,
    gate,
  };
}

const REBOOT_NEEDED = 'is a reboot needed';

/** What a maintenance does on each host. */
export function planOfMaintenance(maintenance: SshMaintenance, gate: boolean, startMs: number): FleetPlan {
  const { name, env, defaults, programs = [], drain = [], job, verify = [], restore = [], window } = maintenance;
  const notAfter = momentOf(window?.notAfter, startMs);
  return {
    kind: 'maintenance',
    name,
    given: { ...(env && { env }), ...(defaults && { defaults }) },
    programs,
    ...{ drain, work: [...job, ...rebootSteps(maintenance.reboot)], check: verify, restore },
    restoreAlways: true,
    onFailure: 'undo',
    gate,
    ...(notAfter !== undefined && { notAfter }),
  };
}

function rebootSteps(reboot: SshMaintenance['reboot'] = false): readonly SshRunbookStep[] {
  if (reboot === false) return [];
  if (reboot === true) return [{ name: 'reboot', reboot: true }];
  return [
    { name: REBOOT_NEEDED, exec: reboot.when, okExitCodes: [0, 1], idempotent: true },
    { name: 'reboot', reboot: reboot.command ?? true, when: { step: REBOOT_NEEDED, exitCode: 0 } },
  ];
}

/** All steps of a host, in their order. */
export function allSteps({ drain, work, check, restore }: FleetPlan): readonly SshRunbookStep[] {
  return [...drain, ...work, ...check, ...restore];
}

/** The programs that a host must have. */
export function programsOfPlan(plan: FleetPlan): readonly string[] {
  return programsOf(plan.programs, allSteps(plan));
}

/** A moment of a window in milliseconds since the epoch. */
export function momentOf(value: unknown, startMs: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = parseDuration(value);
  return parseMoment(value) ?? (ms === undefined ? undefined : startMs + ms);
}

/** How many hosts of so many a number or a share is; a share is rounded up. */
export function countOf(count: SshHostCount, total: number): number {
  return typeof count === 'number' ? count : Math.ceil((total * Number.parseInt(count, 10)) / 100);
}

/** The hosts in their batches. */
export function batchesOf(hosts: readonly string[], rollout: SshRollout): readonly (readonly string[])[] {
  const { canary = 1, batch = hosts.length, order = 'given' } = rollout;
  const left = order === 'name' ? [...hosts].sort(natural) : [...hosts];
  const total = left.length;
  const sizes: readonly SshHostCount[] = Array.isArray(batch) ? (batch as SshHostCount[]) : [batch as SshHostCount];
  const batches: string[][] = [];
  const first = countOf(canary, total);
  if (first > 0) batches.push(left.splice(0, first));
  for (let index = 0; left.length > 0; index += 1) {
    const size = sizes[Math.min(index, sizes.length - 1)] ?? total;
    batches.push(left.splice(0, Math.max(1, countOf(size, total))));
  }
  return batches;
}

const NUMBERS = /(\d+)/;

/** `web-2` before `web-10`; without the machine's locale, on which a replay must not depend. */
function natural(a: string, b: string): number {
  const [left, right] = [a.split(NUMBERS), b.split(NUMBERS)];
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const [one = '', other = ''] = [left[index], right[index]];
    if (one === other) continue;
    const difference = index % 2 === 1 ? Number(one) - Number(other) : 0;
    if (difference !== 0) return difference;
    return one < other ? -1 : 1;
  }
  return left.length - right.length;
}
