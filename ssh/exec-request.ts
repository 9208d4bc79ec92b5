import type { SshOutputEncoding } from '../contract';
import type { ExecConsumer } from './exec-consumer';

/** A command for {@link runExec}: checked, quoted and complete. */
export interface ExecRequest {
  /** The command line as it is sent. */
  readonly command: string;
  readonly stdin?: string;
  readonly pty: boolean;
  readonly okExitCodes: readonly number[];
  readonly maxOutputBytes: number;
  readonly outputEncoding: SshOutputEncoding;
  /** Reads stdout in place of the result: nothing of it is kept or hashed then, and no exit code is a failure. */
  readonly consumer?: ExecConsumer;
}
