import type { SshFleetHost, SshProgress, SshQuestion } from '../contract';

// What is shown of a fleet is bounded, whatever the number of its parts.
const MOST_HOSTS = 200;

/**
 * A run with what its child workflows tell of their hosts, where it names any. A child that does not answer is left out: what the
 * run itself says of it stays.
 */
export async function mergeChildren(
  progress: SshProgress,
  ask: (workflowId: string) => Promise<SshProgress>
): Promise<SshProgress> {
  const ids = childrenOf(progress);
  if (ids.length === 0) return progress;
  const children = (await Promise.all(ids.map((id) => ask(id).catch(() => undefined)))).filter(
    (child) => child !== undefined
  );
  const hosts = new Map<string, SshFleetHost>();
  for (const host of [progress, ...children].flatMap((each) => each.hosts ?? [])) hosts.set(host.host, host);
  const questions = new Map<string, SshQuestion>();
  for (const question of [progress, ...children].flatMap((each) => each.questions)) {
    questions.set(`${question.kind} ${question.step} ${question.host ?? ''}`, question);
  }
  return {
    ...progress,
    ...(hosts.size > 0 && { hosts: [...hosts.values()].slice(0, MOST_HOSTS) }),
    questions: [...questions.values()],
  };
}

function childrenOf(progress: SshProgress): readonly string[] {
  const { children } = progress as { readonly children?: unknown };
  if (!Array.isArray(children)) return [];
  return children.flatMap((child: unknown) => {
    const id: unknown =
      typeof child === 'object' && child !== null ? (child as { workflowId?: unknown }).workflowId : child;
    return typeof id === 'string' ? [id] : [];
  });
}
