import type { SshTransferWay } from '../../../contract';

/** What {@link syncDirectory} is asked for: `SshSyncInput`, resolved and with its defaults. */
export interface SyncRequest {
  readonly from: {
    /** Absolute, with links followed. */
    readonly directory: string;
    /** What it is called in messages. */
    readonly name: string;
  };
  /** The directory on the host. */
  readonly to: string;
  /** @default 'sftp' */
  readonly via?: SshTransferWay;
  /** @default all */
  readonly include?: readonly string[];
  /** @default none */
  readonly exclude?: readonly string[];
  /** @default false */
  readonly delete?: boolean;
  /** @default 1000 */
  readonly maxDelete?: number;
  /** Permissions of files. @default those of the source, without set-user-ID, set-group-ID and sticky bits */
  readonly fileMode?: number;
  /** Permissions of directories that are made. @default 0o755 */
  readonly directoryMode?: number;
  /** @default false */
  readonly dryRun?: boolean;
}
