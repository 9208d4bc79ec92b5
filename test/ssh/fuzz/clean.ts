import assert from 'node:assert/strict';

const UNFIT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const LONGEST = 2_500;

/** Fails if a text could forge a line of a log, drive a terminal, or fill either. */
export function assertFitForLogs(text: string, where: string, longest: number = LONGEST): void {
  assert.doesNotMatch(text, UNFIT, where);
  assert.ok(text.length < longest, `${where}: ${text.length} characters`);
}

/** The same for all that an error says: message, causes, details, and what loggers print of its stack. */
export function assertErrorFitForLogs(error: Error): void {
  let depth = 0;
  for (let at: unknown = error; at !== undefined; at = at.cause) {
    assert.ok(at instanceof Error && ++depth < 10, 'a chain of errors');
    assertFitForLogs(at.message, `message ${depth}`);
    // Frames are ours: one a line.
    const head = at.stack?.split('\n    at ')[0] ?? '';
    assertFitForLogs(head, `stack ${depth}`, LONGEST + 100);
    for (const [name, value] of Object.entries(at)) {
      if (typeof value === 'string') assertFitForLogs(value, name);
    }
  }
  const { details = {} } = error as { details?: object };
  for (const [name, value] of Object.entries(details)) {
    if (typeof value === 'string') assertFitForLogs(value, `details.${name}`);
  }
}
