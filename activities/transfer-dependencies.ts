import type { SshFileSink, SshFileSource, SshRootPath } from '../contract';
import type { downloadFile } from '../ssh/files/download-file';
import type { FileSink } from '../ssh/files/file-sink';
import type { FileSource } from '../ssh/files/file-source';
import type { syncDirectory } from '../ssh/files/sync/sync-directory';
import type { uploadFile } from '../ssh/files/upload-file';
import type { ConnectionPool } from '../ssh/pool/connection-pool';
import type { TargetResolver } from '../ssh/target';
import type { StepTelemetry } from './ssh-metrics';

/**
 * Where files come from and go to on this worker, as its configuration allows. Each method fails with an `SshError` of stage
 * `config` that names the host.
 */
export interface WorkerFiles {
  source(from: SshFileSource, host: string): FileSource;
  sink(to: SshFileSink, host: string, mode: number | undefined): FileSink;
  directory(from: string | SshRootPath, host: string): Promise<{ readonly directory: string; readonly name: string }>;
  secret(name: string, host: string): Promise<string>;
  /** What a download may have at most, whatever the step says. */
  readonly maxBytes?: number;
}

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
