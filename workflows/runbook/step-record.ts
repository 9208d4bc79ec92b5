import { stepKindOf } from '../../contract';
import type { SshHostStepReport, SshRunbookStep, SshStepKind, SshStepReport, SshStepState } from '../../contract';

/** A step on one host; what reports do not show is for the conditions of later steps. */
export interface HostRecord extends SshHostStepReport {
  readonly stdout?: string;
  readonly stderr?: string;
}

/** A step of a run. It can be carried through continue-as-new. */
export interface StepRecord {
  readonly name: string;
  readonly kind: SshStepKind;
  state: SshStepState;
  startedAt?: string;
  endedAt?: string;
  message?: string;
  hosts: HostRecord[];
}

const REPORTED_HOSTS = 50;
const TAIL_LENGTH = 4_096;
const MESSAGE_LENGTH = 300;

export function newRecord(step: SshRunbookStep): StepRecord {
  return { name: step.name, kind: stepKindOf(step) ?? 'exec', state: 'pending', hosts: [] };
}

/** Notes where a step is on a host. */
export function setHost(record: StepRecord, host: HostRecord): void {
  const at = record.hosts.findIndex((each) => each.host === host.host);
  if (at === -1) record.hosts.push(host);
  else record.hosts[at] = host;
}

/** What is kept of an output for later conditions. */
export function tailOf(text: string | undefined): string | undefined {
  return text === undefined || text.length <= TAIL_LENGTH ? text : text.slice(-TAIL_LENGTH);
}

/** A step as it is shown: bounded, whatever the number of hosts. */
export function reportOf(record: StepRecord): SshStepReport {
  const { hosts, name, kind, state, startedAt, endedAt, message } = record;
  const counts: Partial<Record<SshStepState, number>> = {};
  for (const each of hosts) counts[each.state] = (counts[each.state] ?? 0) + 1;
  const few = hosts.length <= REPORTED_HOSTS;
  const told = few ? hosts : hosts.filter((each) => each.state !== 'succeeded');
  const shown = told.slice(0, REPORTED_HOSTS);
  return {
    name,
    kind,
    state,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(message !== undefined && { message: cut(message) }),
    ...(shown.length > 0 && { hosts: shown.map(withoutOutput) }),
    ...(told.length > shown.length && { leftOut: told.length - shown.length }),
    ...(hosts.length > 1 && { counts }),
  };
}

function withoutOutput({ stdout: _stdout, stderr: _stderr, ...host }: HostRecord): SshHostStepReport {
  return host.message === undefined ? host : { ...host, message: cut(host.message) };
}

function cut(text: string): string {
  return text.length > MESSAGE_LENGTH ? `${text.slice(0, MESSAGE_LENGTH)}...` : text;
}
