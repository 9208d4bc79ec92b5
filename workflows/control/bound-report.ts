import { utf8Bytes } from '../../contract';
import type { SshDecision, SshFleetHost, SshProgress, SshQuestion, SshStepReport } from '../../contract';

/** The most that a report has as JSON, without the hosts that are done: it is in a failure's details, and answers each update. */
export const MAX_REPORT_BYTES = 256 * 1024;

interface Bounds {
  readonly hosts: number;
  readonly all: number;
  readonly text: number;
}

// The first under which a report is small enough. The last is so whatever is in it: 200 steps, 200 hosts, 100 decisions, 50 questions.
const BOUNDS: readonly Bounds[] = [
  { hosts: 50, all: 200, text: 2_000 },
  { hosts: 50, all: 200, text: 300 },
  { hosts: 20, all: 50, text: 300 },
  { hosts: 5, all: 50, text: 150 },
  { hosts: 1, all: 50, text: 60 },
  { hosts: 0, all: 20, text: 40 },
];

/** A report that fits, with how much of it was left out. */
export function boundReport(report: SshProgress): SshProgress {
  const { done, ...measured } = report;
  let bounded: Omit<SshProgress, 'done'> = measured;
  for (const bounds of BOUNDS) {
    if (sizeOf(bounded) <= MAX_REPORT_BYTES) break;
    bounded = within(measured, bounds);
  }
  return { ...bounded, ...(done && { done }) };
}

function sizeOf(report: object): number {
  return utf8Bytes(JSON.stringify(report));
}

function within(report: Omit<SshProgress, 'done'>, bounds: Bounds): Omit<SshProgress, 'done'> {
  const { all, text } = bounds;
  const { hosts, questions, decisions, failure } = report;
  const left = {
    hosts: Math.max(0, (hosts?.length ?? 0) - all),
    questions: Math.max(0, questions.length - all),
    decisions: Math.max(0, decisions.length - all),
  };
  const cutOff = Object.fromEntries(Object.entries(left).filter(([, count]) => count > 0));
  return {
    ...report,
    steps: report.steps.map((step) => stepWithin(step, bounds)),
    ...(hosts && { hosts: hosts.slice(0, all).map((host) => messageWithin<SshFleetHost>(host, text)) }),
    questions: questions.slice(0, all).map((each): SshQuestion => ({ ...each, text: cut(each.text, text) })),
    // The last ones say how it came to where it is.
    decisions: decisions
      .slice(-all)
      .map((each): SshDecision => ({ ...each, by: cut(each.by, text), reason: cut(each.reason, text) })),
    ...(failure && { failure: { ...failure, message: cut(failure.message, Math.max(text, 1_000)) } }),
    ...(Object.keys(cutOff).length > 0 && { leftOut: cutOff }),
  };
}

function stepWithin(step: SshStepReport, { hosts: most, text }: Bounds): SshStepReport {
  const { hosts = [], ...rest } = step;
  const shown = hosts.slice(0, most).map((host) => messageWithin(host, text));
  const left = hosts.length - shown.length + (step.leftOut ?? 0);
  return {
    ...messageWithin(rest, text),
    ...(shown.length > 0 && { hosts: shown }),
    ...(left > 0 && { leftOut: left }),
  };
}

function messageWithin<T extends { readonly message?: string; readonly stderrTail?: string }>(of: T, most: number): T {
  return {
    ...of,
    ...(of.message !== undefined && { message: cut(of.message, most) }),
    ...(of.stderrTail !== undefined && { stderrTail: of.stderrTail.slice(-most) }),
  };
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}...` : text;
}
