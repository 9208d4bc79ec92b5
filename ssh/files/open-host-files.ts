import type { SshTransferWay } from '../../contract';
import type { ConnectionPool } from '../pool/connection-pool';
import type { SshTarget } from '../target';
import type { HostFiles } from './host-files';
import { openExecFiles } from './open-exec-files';
import { openSftpFiles } from './open-sftp-files';
import type { TransferOptions } from './transfer-options';

/** Opens the file system of a host by one of the two ways. */
export function openHostFiles(
  pool: ConnectionPool,
  target: SshTarget,
  via: SshTransferWay,
  options: Pick<TransferOptions, 'deadlines' | 'signal' | 'observer'>
): Promise<HostFiles> {
  return (via === 'exec' ? openExecFiles : openSftpFiles)(pool, target, options);
}
