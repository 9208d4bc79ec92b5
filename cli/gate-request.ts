import { QueryRejectedError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { describeProblems, gateNameProblems } from '../contract';
import { cleanServerText } from '../ssh/server-text';
import { argument } from './answer-command';
import { CliError } from './cli-error';
import { connectClient } from './connect-client';
import { EXIT } from './exit-codes';

// Without a worker, Temporal waits for one.
const LIMIT_MS = 15_000;

/** Asks the gate of a host something, through Temporal. */
export async function gateRequest<T>(name: string, ask: (client: Client) => Promise<T>): Promise<T> {
  const problems = gateNameProblems(name);
  if (problems.length > 0) throw new CliError(describeProblems('gate', problems), EXIT.usage);
  const { client, close } = await connectClient();
  try {
    return await client.connection.withDeadline(Date.now() + LIMIT_MS, () => ask(client));
  } catch (cause) {
    throw told(name, cause);
  } finally {
    await close();
  }
}

function told(name: string, cause: unknown): unknown {
  if (cause instanceof WorkflowNotFoundError) {
    return new CliError(
      `Nobody holds ${name}, and nobody waits for it: there is nothing to take away. Is it the name that withHost was given?`,
      EXIT.failed,
      { cause }
    );
  }
  if (cause instanceof WorkflowUpdateFailedError) {
    // It begins with the name of the update, which nobody has typed.
    const why = cleanServerText((cause.cause?.message ?? cause.message).replace(/^sshGateEvict:\s*/, ''));
    return new CliError(`${why}. See who holds it: temporal-ssh gate show ${argument(name)}`, EXIT.failed, { cause });
  }
  if (cause instanceof QueryRejectedError || !(cause instanceof Error)) return cause;
  return new CliError(
    `The gate of ${name} does not answer (${cause.message}). A worker of its task queue has to run, with the workflow sshHostGate.`,
    EXIT.unavailable,
    { cause }
  );
}
