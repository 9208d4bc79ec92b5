/**
 * Why there is no dev server.
 *
 * - `TemporalNotFound`: no way to a Temporal server worked; the message lists each with its reason.
 * - `DevServerInvalidOptions`: the message names the option or the variable and what it may be.
 * - `DevServerLocked`: another process runs a server on the same data.
 * - `DevServerExited`: the server ended before it answered; the message carries the end of its output.
 * - `DevServerTimeout`: the server did not answer in time.
 */
export type DevServerErrorCode =
  'TemporalNotFound' | 'DevServerInvalidOptions' | 'DevServerLocked' | 'DevServerExited' | 'DevServerTimeout';

/** The one error of the dev server. Match on {@link code}, never on the message. */
export class DevServerError extends Error {
  readonly code: DevServerErrorCode;

  constructor(code: DevServerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DevServerError';
    this.code = code;
  }
}
