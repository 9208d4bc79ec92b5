import assert from 'node:assert/strict';
import type { JobRequest } from '../../../../../ssh/job/job-client';
import { SshError } from '../../../../../ssh/ssh-error';
import { startCuttingProxy } from '../../../../support/cutting-proxy';
import type { Cut } from '../../../../support/cutting-proxy';
import type { JobServer } from '../job-server';
import type { ServerRow } from '../server-row';
import { StreamReader } from '../stream-reader';

const POINTS = 40;
const AT_ONCE = 4;
const STDIN = 'one\ntwo\n';

/** A job of its own for each start. */
export function startedJob(server: JobServer, id: string): JobRequest {
  return server.job('cat; echo err >&2; exit 3', { id, stdin: STDIN });
}

/** The same request again, over a connection that nothing disturbs. */
export async function startAgain(server: JobServer, request: JobRequest, where: string): Promise<void> {
  const reader = new StreamReader();
  const client = server.connect();
  const { status } = await client.run(request, reader);
  await client.close();
  const seen = [reader.stdout, reader.stderr, status.state, status.exitCode, server.runs(request.id)];
  assert.deepEqual(seen, [STDIN, 'err\n', 'done', 3, 1], where);
}

/** What was cut off, or came through just before; anything else is a fault. */
export function lost(reason: unknown): undefined {
  assert.ok(reason instanceof SshError, String(reason));
  assert.notEqual(reason.type, 'SshJobNoAnswer');
}

/** Cuts spread over an exchange of so many bytes, and two at its end: with the last byte the job begins. */
function cutsOver(direction: Cut['direction'], bytes: number): readonly Cut[] {
  const spread = Array.from({ length: POINTS - 2 }, (_, index) =>
    Math.max(1, Math.floor((bytes * index) / (POINTS - 2)))
  );
  return [...spread, bytes - 1, bytes].map((after, index) => ({
    direction,
    after,
    how: index % 2 === 0 ? 'rst' : 'fin',
  }));
}

async function cutEverywhere(server: JobServer, direction: Cut['direction']): Promise<void> {
  const whole = await startCuttingProxy(server, server.real, () => undefined);
  const measured = server.connect(whole);
  await measured.run(startedJob(server, 'cut-at'), new StreamReader());
  await measured.close();

  const cuts = cutsOver(direction, whole.passed[direction]);
  const ids = cuts.map((_, index) => `cut-${index + 10}`);
  const work = cuts.entries();
  const worker = async (): Promise<void> => {
    for (const [index, cut] of work) {
      const proxy = await startCuttingProxy(server, server.real, () => cut);
      const request = startedJob(server, ids[index] ?? '');
      const first = server.connect(proxy);
      await first.run(request, new StreamReader()).catch(lost);
      await first.close();
      await startAgain(server, request, `cut ${cut.direction} after ${cut.after} bytes`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  // What the first connection has left on the host may have been slower.
  await server.assertQuiet();
  assert.deepEqual(
    ids.map((id) => server.runs(id)),
    ids.map(() => 1)
  );
}

/** The connection is lost while a job is started; the same request then finds it, or starts it. */
export const START_CUTS: readonly ServerRow[] = [
  {
    name: `start cut at ${POINTS} bytes towards the server`,
    run: (server) => cutEverywhere(server, 'up'),
  },
  {
    name: `start cut at ${POINTS} bytes from the server`,
    run: (server) => cutEverywhere(server, 'down'),
  },
];
