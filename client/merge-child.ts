import type { SshFleetCounts, SshFleetHost, SshProgress, SshQuestion } from '../contract';

// What is shown of a fleet is bounded, whatever the number of its parts.
const MOST_HOSTS = 200;

/**
 * A run with what its child workflow tells of its hosts, where there is one. If the child does not answer, what the run
 * itself says of it stays.
 */
export async function mergeChild(
  progress: SshProgress,
  ask: (workflowId: string) => Promise<SshProgress>
): Promise<SshProgress> {
  if (progress.child === undefined) return progress;
  const child = await ask(progress.child).catch(() => undefined);
  if (child === undefined) return progress;
  const both = [progress, child];
  const hosts = new Map<string, SshFleetHost>();
  for (const host of both.flatMap((each) => each.hosts ?? [])) hosts.set(host.host, host);
  const questions = new Map<string, SshQuestion>();
  for (const question of both.flatMap((each) => each.questions)) {
    questions.set(`${question.kind} ${question.step} ${question.host ?? ''}`, question);
  }
  const counts = sum(progress.counts, child.counts);
  return {
    ...progress,
    ...(counts && { counts }),
    ...(hosts.size > 0 && { hosts: [...hosts.values()].slice(0, MOST_HOSTS) }),
    ...(child.paused && { paused: true as const }),
    questions: [...questions.values()],
  };
}

/** The run counts all hosts of its child as running; the child knows better. */
function sum(run: SshFleetCounts | undefined, child: SshFleetCounts | undefined): SshFleetCounts | undefined {
  // A child that rolls back has hosts that the run counts as done.
  if (!run || !child || run.running !== child.total) return run;
  return {
    total: run.total,
    pending: run.pending + child.pending,
    running: child.running,
    succeeded: run.succeeded + child.succeeded,
    failed: run.failed + child.failed,
    skipped: run.skipped + child.skipped,
    undone: run.undone + child.undone,
  };
}
