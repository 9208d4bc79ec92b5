import type { SshRunbook, SshRunbookStep } from '../../contract';

/** A runbook on one host. */
export function runbook(steps: readonly unknown[], parts: Partial<SshRunbook> = {}): SshRunbook {
  return { name: 'test', hosts: ['web-1'], steps: steps as readonly SshRunbookStep[], ...parts };
}

export const STOP = { name: 'stop', exec: 'stop', undo: { exec: 'start' } };
export const COPY = { name: 'copy', exec: 'copy', undo: { exec: 'remove' } };
