/** The standard input of a command, for a consumer that writes it itself. */
export interface ExecStdin {
  /** Calls back when the server has room for more; not at all once the command has ended. */
  write(chunk: string | Buffer, onRoom?: () => void): void;
  end(chunk?: string | Buffer): void;
}

/**
 * Reads the output of a command in place of the result, which then has none of it. Each method may throw an `ExecFault`,
 * which the step fails with.
 */
export interface ExecConsumer {
  /** Whether the command waits for stdin that the consumer has not got yet: its silence is not the server's then. */
  readonly owesStdin?: boolean;
  /** Called once, when the command runs. Without it the request's `stdin` is sent. */
  onOpen?(stdin: ExecStdin): void;
  /** The channel is not read on while the promise is pending: what is not read is held back by the server. */
  onStdout(chunk: Buffer): void | Promise<void>;
  onStderr?(chunk: Buffer): void;
  /** The command has ended and all of its output was handed on. Returning makes it a success, whatever the exit code. */
  onEnd(exitCode: number | null): void;
}
