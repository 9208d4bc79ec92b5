import type { SshRollout } from '../../contract';

/** A rollout over three hosts, one after the other. */
export const ROLLOUT: SshRollout = {
  name: 'release',
  hosts: ['web-1', 'web-2', 'web-3'],
  drain: [{ name: 'drain', exec: 'drain' }],
  change: [{ name: 'change', exec: 'change', undo: { exec: 'unchange' } }],
  check: [{ name: 'check', healthy: 'check' }],
  restore: [{ name: 'restore', exec: 'restore' }],
  batch: 1,
};
