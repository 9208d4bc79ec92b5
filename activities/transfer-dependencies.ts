import type { downloadFile } from '../ssh/files/download-file';
import type { LocalFiles } from '../ssh/files/local/local-files';
import type { syncDirectory } from '../ssh/files/sync/sync-directory';
import type { uploadFile } from '../ssh/files/upload-file';
import type { ConnectionPool } from '../ssh/pool/connection-pool';
import type { TargetResolver } from '../ssh/target';
import type { StepTelemetry } from './ssh-metrics';

/** Where files come from and go to on this worker, as its configuration allows. */
export type WorkerFiles = Pick<LocalFiles, 'source' | 'sink' | 'directory' | 'secret' | 'maxBytes'>;

/** What moves the bytes. */
export interface TransferEngine {
  readonly uploadFile: typeof uploadFile;
  readonly downloadFile: typeof downloadFile;
  readonly syncDirectory: typeof syncDirectory;
}

/** What the activities that transfer files work with. */
export interface TransferDependencies extends TransferEngine {
  readonly resolve: TargetResolver;
  readonly pool: ConnectionPool;
  readonly files: WorkerFiles;
  readonly telemetry: Pick<StepTelemetry, 'attemptEnded' | 'transferBegins' | 'transferEnds' | 'fileBytes'>;
}
