/** The exit code that a failure tells of, for the conditions of later steps. */
export function exitCodeOf(error: unknown): number | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const [details] = ((current as { details?: readonly unknown[] }).details ?? []) as readonly {
      exitCode?: unknown;
    }[];
    if (typeof details?.exitCode === 'number') return details.exitCode;
  }
  return undefined;
}
