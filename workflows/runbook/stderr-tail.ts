const MOST = 500;

/** The end of what a command which failed wrote to its standard error, for a report. */
export function stderrTailOf(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const [details] = ((current as { details?: readonly unknown[] }).details ?? []) as readonly {
      stderr?: unknown;
      stderrTail?: unknown;
    }[];
    for (const text of [details?.stderr, details?.stderrTail]) {
      if (typeof text === 'string' && text.trim() !== '') return text.trimEnd().slice(-MOST);
    }
  }
  return undefined;
}
