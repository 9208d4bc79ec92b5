import type { SFTPWrapper } from 'ssh2';
import type { SshFailureType } from '../../contract';
import { classifyLoss, cleanCause } from '../classify-loss';
import type { Ssh2Error } from '../classify-loss';
import { cleanServerText } from '../server-text';
import type { SshConnection } from '../ssh-connection';
import type { SshError } from '../ssh-error';
import type { FailureParts, StageClock } from '../stage-clock';
import { IdleWatch } from './idle-watch';
import { SftpStatus, internals } from './ssh2-sftp';

/** What a session is watched by. */
export interface SftpSessionOptions {
  readonly clock: StageClock;
  readonly signal: AbortSignal;
  /** The longest time without an answer, or progress towards one, in milliseconds. */
  readonly idleMs: number;
}

/** Given to ssh2: called with an error, or with what it is about. */
export type SftpCallback<T> = (error?: Ssh2Error | null, value?: T) => void;

// A server that does not answer the close must not hold a step that is done.
const CLOSE_MS = 2_000;

/**
 * An SFTP channel. It ends by {@link close}, or by the first failure, with which every request that is pending or
 * follows is rejected: an abort, a loss of the connection, a silence, or the end of the server's program.
 */
export class SftpSession {
  #end: { readonly error: unknown } | undefined;
  readonly #pending = new Set<(error: unknown) => void>();
  readonly #idle: IdleWatch;
  readonly #undo: (() => void)[] = [];
  readonly #closed: Promise<void>;

  constructor(
    private readonly sftp: SFTPWrapper,
    private readonly connection: SshConnection,
    private readonly options: SftpSessionOptions
  ) {
    const { signal, idleMs } = options;
    const { outgoing, incoming } = internals(sftp);
    this.#idle = new IdleWatch(
      idleMs,
      () => `${outgoing.window}/${incoming.window}/${internals(sftp)._pktPos}`,
      () => this.#fail('SshIdleTimeout', { what: `answered no SFTP request for ${idleMs} ms`, limitMs: idleMs })
    );
    this.#closed = new Promise((resolve) => {
      sftp.once('close', () => {
        resolve();
        this.#afterTurn({ what: 'ended the SFTP session' });
      });
    });
    // Stays for good: ssh2 may tell of more than one, and one that nobody listens to ends the process.
    sftp.on('error', (error: Ssh2Error) => this.#broken(error));
    const onAbort = (): void => this.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#undo.push(() => signal.removeEventListener('abort', onAbort));
    this.#undo.push(connection.onLost((error) => this.#lost(error)));
    if (signal.aborted) onAbort();
  }

  /** The most that one request may read and write. */
  get limits(): { readonly read: number; readonly write: number } {
    const { _maxReadLen: read, _maxWriteLen: write } = internals(this.sftp);
    return { read, write };
  }

  /** Whether the session has failed. */
  get failed(): boolean {
    return this.#end !== undefined;
  }

  /** Whether the server offers an extension in this version. */
  offers(extension: string, version: string): boolean {
    return internals(this.sftp)._extensions[extension] === version;
  }

  /**
   * Sends one request; those that are sent without waiting in between are answered in their order.
   *
   * @throws {@link SftpStatus} for an answer other than OK, {@link SshError} or the signal's reason when the session ends
   */
  request<T = void>(send: (sftp: SFTPWrapper, done: SftpCallback<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      // An abort rejects with the signal's reason, which may be anything.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      if (this.#end) return reject(this.#end.error);
      const settle = (deliver: () => void): void => {
        if (!this.#pending.delete(reject)) return;
        this.#idle.update(this.#pending.size);
        deliver();
      };
      this.#pending.add(reject);
      this.#idle.update(this.#pending.size);
      try {
        send(this.sftp, (error, value) => {
          if (!error) return settle(() => resolve(value as T));
          const { code } = error;
          if (typeof code !== 'number') return this.#unanswered(error);
          settle(() => reject(new SftpStatus(code, cleanServerText(error.message))));
        });
      } catch (cause) {
        // ssh2 throws when its protocol object was cleaned up a moment ago.
        this.#fail('SshConnectionLost', { what: 'closed the connection', cause });
      }
    });
  }

  /** Makes a failure of a session that goes on. */
  failure(type: SshFailureType, parts: FailureParts): SshError {
    return this.options.clock.failure(type, { stage: 'run', ...parts });
  }

  /** Ends the session; only the first error counts. */
  end(error: unknown): void {
    if (this.#end) return;
    this.#end = { error };
    this.#idle.stop();
    for (const undo of this.#undo.splice(0)) undo();
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const reject of pending) reject(error);
    closeSftp(this.sftp);
  }

  /** Closes the channel. Never fails; `false` if the server did not answer. */
  async close(): Promise<boolean> {
    this.end(this.failure('SshTransferFailed', { what: 'was asked for files after they were closed' }));
    if (this.connection.lost) return false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, CLOSE_MS, false)));
    const answered = await Promise.race([this.#closed.then(() => true), late]);
    clearTimeout(timer);
    return answered;
  }

  #fail(type: SshFailureType, parts: FailureParts): void {
    this.end(this.failure(type, parts));
  }

  #lost(error: Ssh2Error | undefined): void {
    const { type, parts } = classifyLoss('run', error);
    this.#fail(type, parts);
  }

  /** ssh2 has given a request up, for a reason that it tells elsewhere, or for one that is the answer's. */
  #unanswered(error: Ssh2Error): void {
    if (/^No response from server/.test(error.message)) this.#afterTurn({ what: 'ended the SFTP session' });
    else this.#broken(error);
  }

  #broken(error: Ssh2Error): void {
    const cause = cleanCause(error);
    this.#fail('SshProtocolError', { what: `broke the SFTP protocol: ${cause.message}`, cause });
  }

  /** A channel's end may be the first that is seen of the connection's. */
  #afterTurn(parts: FailureParts): void {
    if (!this.#end) setImmediate(() => this.#fail('SshConnectionLost', parts));
  }
}

/** Closes an SFTP channel, whatever became of it. */
export function closeSftp(sftp: SFTPWrapper): void {
  try {
    internals(sftp).destroy();
  } catch {
    // ssh2 throws when its protocol object was cleaned up a moment ago: there is nobody to tell any more.
  }
}
