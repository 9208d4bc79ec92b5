import type { ConnectionPool } from '../pool/connection-pool';
import type { SshTarget } from '../target';
import type { HostFiles } from './host-files';
import type { TransferOptions } from './transfer-options';

/** Not there yet. */
export function openSftpFiles(
  _pool: ConnectionPool,
  _target: SshTarget,
  _options: Pick<TransferOptions, 'deadlines' | 'signal' | 'observer'>
): Promise<HostFiles> {
  return Promise.reject(new Error('not there yet'));
}
