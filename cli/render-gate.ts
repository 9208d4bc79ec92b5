import type { SshGateState } from '../contract';

/** A gate's state for people, with what can be done next. */
export function renderGate({ name, holders, waiting, evictions }: SshGateState): string {
  const lines = [`${name}: ${holders.length} inside, ${waiting.length} waiting`];
  for (const { mode, reason, holder, grantedAt, expiresAt, lost, requestId } of holders) {
    lines.push(
      `  inside   ${mode.padEnd(9)} ${clean(reason)}, ${clean(holder.workflowId)}, since ${grantedAt}, until ${expiresAt}`,
      `           request ${clean(requestId)}${lost === undefined ? '' : `, LOST: ${clean(lost)}`}`
    );
  }
  for (const { mode, reason, holder, requestedAt, requestId } of waiting) {
    lines.push(
      `  waiting  ${mode.padEnd(9)} ${clean(reason)}, ${clean(holder.workflowId)}, since ${requestedAt}`,
      `           request ${clean(requestId)}`
    );
  }
  for (const { workflowId, by, reason, at } of evictions) {
    lines.push(`  taken away from ${clean(workflowId)} by ${clean(by)} at ${at}: ${clean(reason)}`);
  }
  if (holders.length > 0) {
    lines.push('', `Next: temporal-ssh gate evict ${clean(name)} --request ID --reason WHY, if one is stuck`);
  }
  return `${lines.join('\n')}\n`;
}

/** What others wrote must not move the cursor. */
function clean(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
