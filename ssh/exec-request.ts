import type { SshOutputEncoding } from '../contract';

/** A command for {@link runExec}: checked, quoted and complete. */
export interface ExecRequest {
  /** The command line as it is sent. */
  readonly command: string;
  readonly stdin?: string;
  readonly pty: boolean;
  readonly okExitCodes: readonly number[];
  readonly maxOutputBytes: number;
  readonly outputEncoding: SshOutputEncoding;
}
