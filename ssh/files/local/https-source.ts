import { createHash } from 'node:crypto';
import type { FileSource } from '../file-source';
import { workerFailure } from './local-failure';

const MOST_REDIRECTS = 5;

/** Which web files are fetched, for whom. */
export interface HttpsSourceOptions {
  readonly host: string;
  readonly url: string;
  readonly sha256: string;
  readonly origins: readonly string[];
  readonly maxBytes: number;
  /** The longest time without a byte, in milliseconds. */
  readonly idleMs: number;
}

/**
 * A file from the web. Only allowed origins are asked, redirects included, and what comes must have the checksum that the
 * workflow asked for.
 */
export function httpsSource(options: HttpsSourceOptions): FileSource {
  const { host, url, sha256, maxBytes } = options;
  const name = nameOf(url);
  const unavailable = (what: string, cause?: unknown): Error =>
    workerFailure('SshTransferSourceUnavailable', host, `${name} ${what}`, cause);
  return {
    name,
    sha256,
    facts: () => Promise.resolve({ version: sha256 }),
    async *open(signal) {
      const stall = new Stall(options.idleMs);
      try {
        const response = await request(options, name, AbortSignal.any([signal, stall.signal]));
        if (!response.body) throw unavailable('came without a body');
        const hash = createHash('sha256');
        let bytes = 0;
        for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
          stall.touch();
          const chunk = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
          bytes += chunk.length;
          if (bytes > maxBytes) {
            throw workerFailure(
              'SshTransferTooLarge',
              host,
              `${name} has more than the ${maxBytes} bytes that this worker allows`
            );
          }
          hash.update(chunk);
          yield chunk;
          // What is done with a chunk is not the server's delay.
          stall.touch();
        }
        const got = hash.digest('hex');
        if (got !== sha256) {
          throw workerFailure(
            'SshTransferChecksumMismatch',
            host,
            `${name} has sha256 ${got}, where ${sha256} is asked for`
          );
        }
      } catch (error) {
        signal.throwIfAborted();
        if (stall.signal.aborted) throw unavailable(`sent nothing for ${options.idleMs} ms`, error);
        // What undici throws is a TypeError that names nothing, and has what happened as its cause.
        if (error instanceof TypeError) throw unavailable(`could not be fetched (${causeOf(error)})`, error);
        throw error;
      } finally {
        stall.stop();
      }
    },
  };
}

async function request(
  { host, url, origins }: HttpsSourceOptions,
  name: string,
  signal: AbortSignal
): Promise<Response> {
  let at = new URL(url);
  for (let turn = 0; turn <= MOST_REDIRECTS; turn += 1) {
    if (!origins.includes(at.origin)) {
      const allowed = origins.length === 0 ? 'none' : origins.join(', ');
      const what = `${name} ${turn === 0 ? 'is' : 'was redirected'} at ${at.origin}, and this worker allows ${allowed}`;
      throw workerFailure('SshTransferNotAllowed', host, what);
    }
    const response = await fetch(at, { redirect: 'manual', signal });
    if (response.status === 200) return response;
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      at = new URL(location, at);
      continue;
    }
    const what = `${name} was answered with HTTP status ${response.status}`;
    const gone = response.status === 404 || response.status === 410;
    throw workerFailure(gone ? 'SshTransferSourceNotFound' : 'SshTransferSourceUnavailable', host, what);
  }
  throw workerFailure('SshTransferSourceUnavailable', host, `${name} was redirected more than ${MOST_REDIRECTS} times`);
}

/** Aborts when nothing came for so long. */
class Stall {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  touch(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** Without what a query may hold: signatures of object stores are secrets. */
function nameOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function causeOf({ cause, message }: TypeError): string {
  const { code, message: text } = (cause ?? {}) as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : typeof text === 'string' ? text : message;
}
