import { resolveDeadlines } from '../contract';
import { pinnedHostKeys } from '../ssh/hosts/pinned-host-keys';
import type { ConnectionPool } from '../ssh/pool/connection-pool';
import { execOnPool } from '../ssh/pool/exec-on-pool';
import type { SshTarget } from '../ssh/target';
import { keyMethod } from '../test/ssh/support/engine';
import type { PeerJob } from './peer-job';

/** Of everything that the bench asks of the engine. */
export const BENCH_DEADLINES = resolveDeadlines({ run: '10m' });

/** The hosts of a job as the engine's targets, by turns. Each index has connections of its own. */
export function benchTargets({
  hosts,
  port,
  user,
  keyFile,
  hostFingerprint,
}: Pick<PeerJob, 'hosts' | 'port' | 'user' | 'keyFile' | 'hostFingerprint'>): (index: number) => SshTarget {
  const auth = [keyMethod(keyFile)];
  const hostKeys = pinnedHostKeys([hostFingerprint]);
  return (index) => {
    const address = hosts[index % hosts.length] ?? '';
    return { name: address, address, port, user, auth, hostKeys, shareKey: `${index}` };
  };
}

/** One command on the engine, as a step of the activities runs it. */
export function engineStep(pool: ConnectionPool, target: SshTarget, command: string): Promise<unknown> {
  const request = {
    command,
    pty: false,
    okExitCodes: [0],
    maxOutputBytes: 65_536,
    outputEncoding: 'utf8',
  } as const;
  return execOnPool(pool, target, request, { deadlines: BENCH_DEADLINES });
}
