import type { SFTPWrapper } from 'ssh2';
import { cleanCause, classifyLoss } from '../classify-loss';
import type { Ssh2Error } from '../classify-loss';
import { openFailure } from '../open-failure';
import { settleOnce } from '../settle-once';
import type { SshConnection } from '../ssh-connection';
import type { FailureParts } from '../stage-clock';
import type { SshFailureType } from '../../contract';
import { SftpSession, closeSftp } from './sftp-session';
import type { SftpSessionOptions } from './sftp-session';

/** What ssh2 keeps to itself of a channel that is being opened. */
interface Internals {
  readonly _chanMgr: { get(local: number): unknown };
}

/**
 * Opens a channel and the SFTP subsystem on it, within the deadlines `channel` and `exec`.
 *
 * Settles once, and leaves no timer, no listener and no channel behind when it fails.
 *
 * @throws {@link SshError} `SshTransferUnsupported` where there is no such subsystem, or the signal's reason when aborted
 */
export function openSftpSession(connection: SshConnection, options: SftpSessionOptions): Promise<SftpSession> {
  const { clock, signal } = options;
  return settleOnce<SftpSession>((settlement) => {
    let refused = false;
    let local: number | undefined;
    let unwatch: (() => void) | undefined;
    const fail = (type: SshFailureType, parts: FailureParts): void => settlement.reject(clock.failure(type, parts));
    /** Closes a channel that nobody waits for any more; ssh2 must be done with the packet that it is working on. */
    const abandon = (): void =>
      queueMicrotask(() => {
        const channel = (connection.client as unknown as Internals)._chanMgr.get(local ?? -1);
        if (typeof channel === 'object' && channel) closeSftp(channel as SFTPWrapper);
      });

    const onOpened = (error: Ssh2Error | undefined, sftp: SFTPWrapper): void => {
      unwatch?.();
      if (settlement.settled) {
        if (!error) closeSftp(sftp);
        return;
      }
      if (!error) {
        clock.leave();
        clock.enter('run', () => undefined);
        const session = new SftpSession(sftp, connection, options);
        return settlement.resolve(session);
      }
      // The end of the connection may be told of the channel first.
      setImmediate(() => {
        if (settlement.settled) return;
        fail(...(local === undefined ? openFailure(error, state()) : subsystemFailure(error, refused)));
        abandon();
      });
    };
    const state = (): Parameters<typeof openFailure>[1] => ({ sent: false, refused: false, lost: connection.lost });
    const overdue = (type: SshFailureType, parts: FailureParts): void => {
      fail(type, type === 'SshExecTimeout' ? { ...parts, what: 'did not open the SFTP subsystem in time' } : parts);
      abandonIfOpen();
    };
    const abandonIfOpen = (): void => {
      if (local !== undefined) abandon();
    };
    const onAbort = (): void => {
      settlement.reject(signal.reason);
      abandonIfOpen();
    };
    settlement.onSettled(() => {
      clock.stop();
      signal.removeEventListener('abort', onAbort);
    });
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    clock.enter('channel', overdue);
    settlement.onSettled(
      connection.onLost((error) => {
        const { type, parts } = classifyLoss(clock.stage, error);
        fail(type, parts);
      })
    );
    if (settlement.settled) return;
    try {
      unwatch = connection.trace.watch(() => connection.client.sftp(onOpened), {
        confirmed: (number) => {
          local = number;
          if (settlement.settled) return abandon();
          clock.enter('exec', overdue);
        },
        execSent: () => undefined,
        requestRefused: () => (refused = true),
        closed: () => undefined,
      });
    } catch (cause) {
      // ssh2 throws for a socket that has begun to close, of which it has told nobody yet.
      fail('SshConnectionLost', { what: 'closed the connection', cause });
    }
  });
}

/** What it means that ssh2 gives no SFTP session on a channel that is open. */
function subsystemFailure(error: Ssh2Error, refused: boolean): [SshFailureType, FailureParts] {
  const cause = cleanCause(error);
  if (refused) return ['SshTransferUnsupported', { what: 'refused the SFTP subsystem', cause }];
  if (error.level === 'sftp-protocol') {
    const what = `answered the SFTP subsystem with something else (${cause.message}): a start-up file of the login shell may write to stdout`;
    return ['SshTransferUnsupported', { what, cause }];
  }
  if (typeof error.code === 'number') {
    const what = `has no SFTP server: what runs in its place ended with exit code ${error.code}`;
    return ['SshTransferUnsupported', { what, exitCode: error.code, cause }];
  }
  return ['SshTransferFailed', { what: 'closed the channel instead of opening the SFTP subsystem', cause }];
}
