import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { childrenOf, signalProcess } from '../../../../support/processes';
import type { ProcessIdentity } from '../../../../support/processes';
import { startCuttingProxy } from '../../../../support/cutting-proxy';
import type { CuttingProxy } from '../../../../support/cutting-proxy';
import type { JobServer } from '../job-server';
import type { ServerRow } from '../server-row';
import { StreamReader } from '../stream-reader';
import { lost, startAgain, startedJob } from './start-cuts';

/** Something that is seen to have happened of a start. */
interface Moment {
  readonly name: string;
  readonly reached: (proxy: CuttingProxy, directory: string) => boolean;
}

/** Bytes of a whole exchange, nearly. */
interface Exchange {
  readonly up: number;
  readonly down: number;
}

function attemptHas(directory: string, holds: (names: readonly string[], attempt: string) => boolean): boolean {
  try {
    return readdirSync(directory)
      .filter((name) => name.startsWith('a'))
      .some((name) => holds(readdirSync(join(directory, name)), join(directory, name)));
  } catch {
    return false;
  }
}

function momentsOf({ up, down }: Exchange): readonly Moment[] {
  const sent = (part: number): Moment => ({
    name: `${part * 100} % sent`,
    reached: (proxy) => proxy.passed.up >= up * part,
  });
  const received = (part: number): Moment => ({
    name: `${part * 100} % received`,
    reached: (proxy) => proxy.passed.down >= down * part,
  });
  const file = (name: string): Moment => ({
    name: `the attempt has ${name}`,
    reached: (_, directory) => attemptHas(directory, (names) => names.some((found) => found.startsWith(name))),
  });
  return [
    ...[0.001, 0.05, 0.1, 0.25, 0.5, 0.75, 0.95].map(sent),
    ...[0.3, 0.6, 0.8, 0.9].map(received),
    { name: 'its directory is made', reached: (_, directory) => existsSync(directory) },
    { name: 'its attempt is made', reached: (_, directory) => attemptHas(directory, () => true) },
    ...['run', 'script', 'out', 'x.pre', 'stdin', 'exit.'].map(file),
    {
      name: 'it is claimed',
      reached: (_, directory) => existsSync(directory) && readdirSync(directory).includes('gate'),
    },
    {
      name: 'it writes',
      reached: (_, directory) =>
        attemptHas(directory, (names, attempt) => names.includes('out') && statSync(join(attempt, 'out')).size > 0),
    },
  ];
}

/** The processes of connections: children of the server, by whatever name it gives them. */
function connectionsOf(server: JobServer): readonly ProcessIdentity[] {
  const { pid } = server.real;
  return childrenOf(pid);
}

async function killEverywhere(server: JobServer): Promise<void> {
  const whole = await startCuttingProxy(server, server.real, () => undefined);
  const measured = server.connect(whole);
  await measured.run(startedJob(server, 'whole'), new StreamReader());
  await measured.close();

  const moments = momentsOf(whole.passed);
  let kills = 0;
  for (const [index, { name, reached }] of moments.entries()) {
    const request = startedJob(server, `kill-${index}`);
    const proxy = await startCuttingProxy(server, server.real, () => undefined);
    const first = server.connect(proxy);
    let ended = false;
    const run = first
      .run(request, new StreamReader())
      .catch(lost)
      .finally(() => (ended = true));
    while (!ended && !reached(proxy, join(server.jobDirectory, request.id))) await turn();
    for (const connection of connectionsOf(server)) {
      signalProcess(connection, 'SIGKILL');
      kills += 1;
    }
    await run;
    await first.close();
    await startAgain(server, request, name);
  }
  await server.assertQuiet();
  for (const index of moments.keys()) assert.equal(server.runs(`kill-${index}`), 1);
  // Of the last moments some may be over before they are seen.
  assert.ok(kills >= moments.length - 5, `${kills} kills at ${moments.length} moments`);
}

/** The server's process of the connection is killed while a job is started. */
export const CONNECTION_KILLS: readonly ServerRow[] = [
  { name: 'kill -9 of the process of the connection at each moment of a start', run: killEverywhere },
];
