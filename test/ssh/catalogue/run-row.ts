import assert from 'node:assert/strict';
import type { SshDeadlines } from '../../../contract';
import { SshError } from '../../../ssh/ssh-error';
import { checkFailure, exec } from '../support/engine';
import type { CatalogueGround, CatalogueRow, Expectation, Scene } from './row';

type Failure = Extract<Expectation, { readonly ends: 'failure' }>;

// How late a deadline may be on a busy machine.
const SLACK_MS = 5_000;

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** Runs a scene to its end, whatever that is. */
export async function runScene(
  scene: Scene,
  deadlines: SshDeadlines
): Promise<{ exitCode: number } | { error: unknown }> {
  const { target, command, request, options } = scene;
  try {
    if (scene.run) return await scene.run();
    const more = { ...options, ...(request && { request }), deadlines: { ...deadlines, ...scene.deadlines } };
    const { exitCode } = await exec(target, command, more);
    return { exitCode };
  } catch (error) {
    return { error };
  }
}

/** Arranges a row, runs it, and checks its end in every respect that all rows share. */
export async function runRow({ expect, arrange }: CatalogueRow, ground: CatalogueGround): Promise<void> {
  const scene = await arrange(ground);
  const startedAt = performance.now();
  const end = await runScene(scene, ground.deadlines);
  const elapsedMs = performance.now() - startedAt;
  if (expect.ends === 'success') {
    if ('error' in end) throw end.error;
    assert.equal(end.exitCode, expect.exitCode ?? 0);
    return scene.check?.({});
  }
  assert.ok('error' in end, `succeeded with exit code ${'exitCode' in end ? end.exitCode : ''}`);
  if (expect.ends === 'cancelled') {
    assert.ok(!(end.error instanceof SshError), String(end.error));
    assert.equal(end.error, scene.options?.signal?.reason);
    return scene.check?.({});
  }
  const error = checkRowFailure(end.error, scene, expect);
  checkTime(error, expect, { ...ground.deadlines, ...scene.deadlines }, elapsedMs);
  await scene.check?.({ error });
}

function checkRowFailure(error: unknown, { target }: Scene, expect: Failure): SshError {
  if (!(error instanceof SshError)) throw new Error('no SshError', { cause: error });
  const { stage, commandMayHaveRun } = error.details;
  const { commandMayHaveRun: mayHaveRun = false, serverText, message } = expect;
  assert.ok(listOf(expect.stage).includes(stage), `stage ${stage}: ${error.message}`);
  if (stage === 'config') {
    // Found on the worker: there is no address yet, and nothing was sent.
    const { type, details } = error;
    assert.ok(listOf(expect.type).includes(type), `type ${type}: ${error.message}`);
    assert.deepEqual([details.host, details.commandMayHaveRun], [target.name, false]);
    assert.match(error.message, message ?? /./);
    return error;
  }
  return checkFailure(error, target, {
    type: expect.type,
    stage,
    commandMayHaveRun: mayHaveRun === 'either' ? commandMayHaveRun : mayHaveRun,
    ...(serverText && { serverText }),
    ...(message && { message }),
  });
}

function checkTime(error: SshError, { deadline }: Failure, deadlines: SshDeadlines, wholeMs: number): void {
  const { limitMs, elapsedMs } = error.details;
  assert.equal(limitMs, deadline && deadlines[deadline], `the deadline of the failure: ${error.message}`);
  // Whatever ended it, no stage may last longer than its own deadline, and the whole no longer than all together.
  const { connect, banner, kex, auth, channel, exec: execMs, run = 0 } = deadlines;
  const all = connect + banner + kex + auth + channel + execMs + run;
  assert.ok(wholeMs <= all + SLACK_MS, `took ${wholeMs} ms, all deadlines together are ${all} ms`);
  if (limitMs === undefined) return;
  // The idle limit counts from the last output, its stage from the beginning of the command.
  assert.ok(elapsedMs >= limitMs - 2, `ended after ${elapsedMs} ms, before its limit of ${limitMs} ms`);
  if (deadline !== 'idle') assert.ok(elapsedMs <= limitMs + SLACK_MS, `ended after ${elapsedMs} ms, limit ${limitMs}`);
}
