import assert from 'node:assert/strict';
import type { SshDeadlines } from '../../../contract';
import { connectSocket } from '../../../ssh/connect-socket';
import { establishSession } from '../../../ssh/establish-session';
import { readIdentification } from '../../../ssh/read-identification';
import type { SshConnection } from '../../../ssh/ssh-connection';
import { SshError } from '../../../ssh/ssh-error';
import { StageClock } from '../../../ssh/stage-clock';
import type { SshTarget } from '../../../ssh/target';
import { PATIENT } from '../support/engine';
import { assertErrorFitForLogs } from './clean';
import type { Behaviour, FuzzServer } from './fuzz-server';

/** How much later than its deadlines anything may be, on a machine that is busy with all the other lanes. */
const SLACK_MS = 10_000;

/** A connection and the port by which the server knows it. */
export interface FuzzConnection {
  readonly connection: SshConnection;
  readonly port: number;
}

/** What `dial` does, on a connection that the server treats in a given way. Fails with what `dial` fails with. */
export async function dialFuzzed(
  server: FuzzServer,
  target: SshTarget,
  deadlines: Partial<SshDeadlines>,
  behaviour: Behaviour
): Promise<FuzzConnection> {
  const clock = new StageClock(target, { ...PATIENT, ...deadlines });
  const stream = await connectSocket(clock, undefined);
  const port = stream.localPort ?? 0;
  server.behaviours.set(port, behaviour);
  try {
    const identification = await readIdentification(stream, clock, undefined);
    const common = { signal: undefined, observer: {}, probeAuthMethods: false, via: undefined };
    const connection = await establishSession({ stream, target, clock, identification, ...common });
    return { connection, port };
  } catch (error) {
    assert.ok(stream.destroyed, 'the socket of a failed attempt is destroyed');
    throw error;
  }
}

/** What came of a case: what was hoped for, or a failure that is typed, fit for logs and in time. */
export async function outcomeOf<T>(run: () => Promise<T>, limitMs: number): Promise<T | SshError> {
  const begin = performance.now();
  const outcome = await run().catch((error: unknown) => {
    if (error instanceof SshError) return error;
    throw new Error(`no SshError: ${String((error as Error).stack)}`);
  });
  const elapsed = performance.now() - begin;
  assert.ok(elapsed < limitMs + SLACK_MS, `took ${elapsed.toFixed()} ms`);
  if (outcome instanceof SshError) assertErrorFitForLogs(outcome);
  return outcome;
}

/** Counts outcomes by name, for the test's own report. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(outcome: unknown): void {
    const name = outcome instanceof SshError ? outcome.type : 'done';
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  toString(): string {
    return [...this.#counts]
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  }
}
