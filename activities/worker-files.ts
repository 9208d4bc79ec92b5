import { configError } from '../ssh/ssh-error';
import type { SshError } from '../ssh/ssh-error';
import type { WorkerFiles } from './transfer-dependencies';

function notAllowed(host: string, what: string): SshError {
  return configError(
    'SshTransferNotAllowed',
    host,
    `${host}: this worker allows no ${what}: its options have no files. Allow it under files in the options of the worker.`
  );
}

/** A worker whose configuration allows no files: only content that the workflow has reaches hosts. */
export const NO_FILES: WorkerFiles = {
  source: (_from, host) => {
    throw notAllowed(host, 'such source');
  },
  sink: (_to, host) => {
    throw notAllowed(host, 'such sink');
  },
  directory: (_from, host) => Promise.reject(notAllowed(host, 'such directory')),
  secret: (_name, host) => Promise.reject(notAllowed(host, 'such secret')),
};
