import assert from 'node:assert/strict';
import type { Answer } from '../support/answer';
import type { FaultHost } from '../support/fault-host';
import type { Shell } from '../support/set-up';

/** One fault of jobs; it holds when `run` resolves and nothing is left running. */
export interface FaultRow {
  readonly name: string;
  readonly run: (host: FaultHost) => Promise<void>;
  /** Set-ups in which there is no such thing, and why. */
  readonly without?: Partial<Record<Shell, string>>;
}

/** Checks some fields of an answer, and shows all of it where they differ. */
export function expectFields(answer: Answer, fields: Readonly<Record<string, string | undefined>>): void {
  const found = Object.fromEntries(Object.keys(fields).map((name) => [name, answer.fields[name]]));
  assert.deepEqual(found, fields, answer.text);
}

/** Checks that an answer is a failure of a type. */
export function expectError(answer: Answer, type: string): void {
  assert.equal(answer.error, type, answer.text);
}
