import type { SshFleetHost, SshHostStepReport, SshProgress, SshStepReport } from '../contract';
import { cleanServerText } from '../ssh/server-text';
import { answerCommand } from './answer-command';
import { stderrLines } from './stderr-lines';
import { toldByHosts, withoutTold } from './without-told';

/** What has changed between two looks at a run, a line for each; the text of hosts is cleaned. */
export function progressLines(before: SshProgress | undefined, after: SshProgress, workflowId: string): string[] {
  const lines: string[] = [];
  const state = `${after.kind} ${after.name}${after.dryRun ? ' (dry run)' : ''}: ${stateOf(after)}`;
  const changed = before === undefined || stateOf(before) !== stateOf(after);
  // How it ended comes after what it has come to.
  const ended = after.endedAt !== undefined;
  if (changed && !ended) lines.push(state);
  if (after.batch && before?.batch?.current !== after.batch.current) {
    lines.push(`batch ${after.batch.current} of ${after.batch.total}`);
  }
  const decided = new Set(before?.decisions.map((each) => JSON.stringify(each)));
  for (const decision of after.decisions) {
    if (decided.has(JSON.stringify(decision))) continue;
    const { update, by, reason, step, host, decision: answer } = decision;
    const what = [update, answer, step && `step ${step}`, host && `host ${host}`].filter(Boolean).join(' ');
    lines.push(`decision: ${what}, by ${by}: ${reason}`);
  }
  const steps = new Map(before?.steps.map((step) => [step.name, step]));
  for (const step of after.steps) lines.push(...stepLines(steps.get(step.name), step, after.dryRun));
  const hosts = new Map(before?.hosts?.map((host) => [host.host, host]));
  for (const host of after.hosts ?? []) {
    const old = hosts.get(host.host);
    if (old?.state === host.state && old.step === host.step) continue;
    lines.push(`host ${host.host}: ${whereHost(host)}`);
    if (old?.stderrTail !== host.stderrTail) lines.push(...stderrLines(host, ''));
  }
  if (after.counts && JSON.stringify(before?.counts) !== JSON.stringify(after.counts)) {
    const { total, ...states } = after.counts;
    const parts = Object.entries(states).filter(([, count]) => count > 0);
    lines.push(
      `${total} ${total === 1 ? 'host' : 'hosts'}: ${parts.map(([state, count]) => `${count} ${state}`).join(', ')}`
    );
  }
  const asked = new Set(before?.questions.map((each) => JSON.stringify(each)));
  for (const question of after.questions) {
    if (asked.has(JSON.stringify(question))) continue;
    const on = question.host === undefined ? '' : ` on ${question.host}`;
    lines.push(withoutTold(`waits: ${question.step}${on}: ${question.text}`, toldByHosts(after)));
    lines.push(`answer: ${answerCommand(question, workflowId)}`);
  }
  if (after.failure && !saidByHosts(after) && before?.failure?.message !== after.failure.message) {
    lines.push(withoutTold(`failure: ${after.failure.type}: ${after.failure.message}`, toldByHosts(after)));
  }
  if (changed && ended) lines.push(state);
  return lines.map((line) => `${/^ */.exec(line)?.[0]}${cleanServerText(line)}`);
}

/** Whether a failure is only that of a dry run whose hosts have told theirs. */
export function saidByHosts({ dryRun, failure }: SshProgress): boolean {
  return dryRun === true && failure?.type === 'SshRunFailed';
}

const WAITS = { window: 'waits for its window to open', pause: 'waits between two batches' } as const;

/** Where a run is, what it waits for by itself, and that a pause is asked for where it is not seen in that. */
export function stateOf({ state, paused, waitingFor }: SshProgress): string {
  const parts = [
    state,
    ...(paused && state !== 'paused' ? ['paused'] : []),
    ...(waitingFor && state === 'running' ? [`${WAITS[waitingFor.what]} until ${waitingFor.until}`] : []),
  ];
  return parts.join(', ');
}

function stepLines(before: SshStepReport | undefined, after: SshStepReport, dryRun = false): string[] {
  const lines: string[] = [];
  const hosts = new Map(before?.hosts?.map((host) => [host.host, host]));
  const began = before === undefined ? 'pending' : before.state;
  const told = (after.hosts ?? []).flatMap(({ host, message }) =>
    message === undefined ? [] : [`${after.name} on ${host} failed: ${message}`, message]
  );
  const why = after.message === undefined ? '' : withoutTold(`: ${after.message}`, told);
  const line = `step ${after.name}: ${after.state}${why}`;
  const begins = after.state === 'running' || after.state === 'waiting';
  if (began !== after.state && begins && !dryRun) lines.push(line);
  for (const host of after.hosts ?? []) {
    const old = hosts.get(host.host)?.state ?? 'pending';
    if (dryRun) {
      if (old !== host.state && host.state !== 'running') lines.push(`host ${host.host}: ${endOf(host)}`);
    } else if (old !== host.state) {
      lines.push(`step ${after.name} on ${host.host}: ${endOf(host)}`);
      if (host.state === 'failed') lines.push(...stderrLines(host, ''));
    }
  }
  if (after.leftOut !== undefined && after.leftOut !== before?.leftOut && !begins) {
    lines.push(`step ${after.name}: ${after.leftOut} more hosts are not listed`);
  }
  if (began !== after.state && !begins && !dryRun) lines.push(line);
  return lines;
}

/** How it stands on a host, in words. */
export function endOf({ state, exitCode, type, message }: SshHostStepReport): string {
  const code = exitCode === undefined || exitCode === 0 ? '' : ` (exit code ${exitCode})`;
  const why = [type, message].filter((part) => part !== undefined).join(': ');
  return `${state}${code}${why === '' ? '' : `: ${why}`}`;
}

function whereHost({ state, step, type, message }: SshFleetHost): string {
  const why = [type, message].filter((part) => part !== undefined).join(': ');
  return `${state}${step === undefined ? '' : ` at ${step}`}${why === '' ? '' : `: ${why}`}`;
}
