import type { ExecHost, ScriptEnd } from './exec-host';

/** What a consumer gets that ends before the script does. */
class ReaderLeft extends Error {}

/**
 * The output of a script as it comes; the host is held back while nobody takes it. The iterator's end ends the script.
 *
 * @throws what `check` throws for the script's end
 */
export async function* readOutput(
  host: ExecHost,
  script: string,
  check: (end: ScriptEnd) => void,
  signal?: AbortSignal
): AsyncGenerator<Buffer, void, void> {
  const abort = new AbortController();
  const onAbort = (): void => abort.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const queue: Buffer[] = [];
  let taken: () => void = () => undefined;
  let came: () => void = () => undefined;
  let ended = false;
  const done = host
    .stream(script, {
      signal: abort.signal,
      onBody: (chunk) => {
        queue.push(chunk);
        came();
        return new Promise<void>((resolve) => (taken = resolve));
      },
    })
    .then(check)
    .finally(() => {
      ended = true;
      came();
    });
  done.catch(() => undefined);
  try {
    for (;;) {
      const chunk = queue.shift();
      if (chunk) {
        yield chunk;
        if (queue.length === 0) taken();
      } else if (ended) break;
      else await new Promise<void>((resolve) => (came = resolve));
    }
    await done;
  } finally {
    if (!ended) abort.abort(new ReaderLeft('the reader has ended'));
    taken();
    await done.catch(() => undefined);
    signal?.removeEventListener('abort', onAbort);
  }
}
