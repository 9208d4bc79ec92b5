import type { ConnectionPool } from '../pool/connection-pool';
import type { Lease } from '../pool/lease';
import { SshError } from '../ssh-error';
import { StageClock } from '../stage-clock';
import type { SshTarget } from '../target';
import { answerDeadlines } from './answer-deadlines';
import { ExecHost } from './exec-host';
import type { HostFiles } from './host-files';
import { HostShell } from './host-shell';
import { openSftpSession } from './open-sftp-session';
import type { SftpSession } from './sftp-session';
import { SftpFiles } from './sftp-files';
import type { TransferOptions } from './transfer-options';

/**
 * Opens the file system of a host by the SFTP subsystem, on a channel of a pooled connection that stays open until
 * `close`. What SFTP cannot do is done by exec requests, as far as the host allows them.
 *
 * What a connection that was there already fails with may be the connection's fault: that is tried once more, on a fresh
 * one.
 *
 * @throws {@link SshError} `SshTransferUnsupported` where there is no such subsystem; the signal's reason when aborted
 */
export async function openSftpFiles(
  pool: ConnectionPool,
  target: SshTarget,
  options: Pick<TransferOptions, 'deadlines' | 'signal' | 'observer'>
): Promise<HostFiles> {
  const lease = await pool.borrow(target, options);
  try {
    return await openOnLease(pool, lease, target, options);
  } catch (error) {
    if (!lease.reused || !(error instanceof SshError) || !STALE.has(error.type)) throw error;
  }
  return openOnLease(pool, await pool.borrow(target, { ...options, fresh: true }), target, options);
}

async function openOnLease(
  pool: ConnectionPool,
  lease: Lease,
  target: SshTarget,
  options: Pick<TransferOptions, 'deadlines' | 'signal' | 'observer'>
): Promise<HostFiles> {
  const deadlines = answerDeadlines(options.deadlines);
  const clock = new StageClock(target, deadlines, options.observer?.onStage);
  const { signal } = options;
  let session: SftpSession;
  try {
    session = await openSftpSession(lease.connection, { clock, signal, idleMs: deadlines.idle });
  } catch (error) {
    const type = error instanceof SshError ? error.type : '';
    if (type === 'SshChannelOpenFailed') lease.full();
    await lease.release(SOUND.has(type));
    throw error;
  }
  const shell = new HostShell(new ExecHost(pool, target, options));
  return new SftpFiles(session, shell, lease);
}

const STALE: ReadonlySet<string> = new Set([
  'SshChannelOpenFailed',
  'SshChannelTimeout',
  'SshConnectionLost',
  'SshProtocolError',
]);

/** Failures after which the connection is as good as before: the server answered, and the channel is closed. */
const SOUND: ReadonlySet<string> = new Set([
  'SshTransferUnsupported',
  'SshChannelOpenFailed',
  'SshChannelResourceShortage',
  'SshChannelRefused',
]);
