import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { dropbearSkipReason, startDropbear } from '../support/dropbear';
import { startFullBacklog } from '../support/full-backlog';
import { assertNothingLeft } from '../support/handles';
import { makeScratch } from '../support/scratch';
import { startSshScript } from '../support/ssh-script';
import type { SshFault } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import type { SshTarget } from '../../ssh/target';
import { exec, targetOf } from './support/engine';
import type { RunOptions } from './support/engine';
import { startRawServer } from './support/raw-server';
import { startWireServer } from './support/wire-server';
import type { Wire } from './support/wire-server';
import { reset } from '../support/reset';

/** Aborts a little after a stage has begun: it rejects with that very reason, soon, and leaves nothing. */
async function abortsIn(stage: string, target: SshTarget, options: RunOptions = {}): Promise<void> {
  const reason = new Error(`aborted in ${stage}`);
  const controller = new AbortController();
  const begun: string[] = [];
  let abortedAt = 0;
  const onStage = (next: string): void => {
    begun.push(next);
    if (next !== stage) return;
    setTimeout(() => {
      abortedAt = performance.now();
      controller.abort(reason);
    }, 100);
  };
  const error = await assertNothingLeft(() =>
    exec(target, 'work', { ...options, signal: controller.signal, observer: { onStage } }).then(
      () => undefined,
      (caught: unknown) => caught
    )
  );
  assert.equal(error, reason);
  assert.equal(begun.at(-1), stage);
  // TERM has half a second; the rest is what a busy machine needs.
  assert.ok(performance.now() - abortedAt < 5_000);
}

void test('before anything began', async (t) => {
  const script = await startSshScript({ t });
  for (const reason of [new Error('never mind'), 'a string', { an: 'object' }]) {
    const error = await assertNothingLeft(() =>
      exec(targetOf(script), 'work', { signal: AbortSignal.abort(reason) }).catch((caught: unknown) => caught)
    );
    assert.equal(error, reason);
  }
  assert.equal(script.sockets.length, 0);
});

void test('in connect', async (t) => {
  await abortsIn('connect', targetOf(await startFullBacklog({ t })));
});

void test('in banner', async (t) => {
  await abortsIn('banner', targetOf(await startRawServer(t, () => undefined)));
});

for (const stage of ['kex', 'auth', 'channel', 'exec', 'run'] as const) {
  void test(`in ${stage}`, async (t) => {
    const fault: SshFault = { stage, how: 'silence' };
    const script = await startSshScript({ t, fault });
    await abortsIn(stage, targetOf(script));
    assert.equal(script.commands.length, stage === 'exec' || stage === 'run' ? 1 : 0);
  });
}

void test('while an agent is asked', async (t) => {
  const path = join(makeScratch({ t }).path, 'agent');
  const agent = createServer((socket) => socket.resume()).listen(path);
  await once(agent, 'listening');
  t.after(() => agent.close());
  const script = await startSshScript({ t });
  await abortsIn('auth', targetOf(script, { auth: [{ type: 'agent', socket: path }] }));
});

/** Aborts a command that runs, once it has written something. */
async function abortRunning(target: SshTarget, command: string, reason: unknown): Promise<unknown> {
  const controller = new AbortController();
  const options = { signal: controller.signal, onOutput: () => controller.abort(reason) };
  return assertNothingLeft(() =>
    exec(target, command, options).then(
      () => 'succeeded',
      (caught: unknown) => caught
    )
  );
}

void test('the server is asked to send TERM; a command that ends by it is not waited for longer', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => void wire.success().data('begun'),
    onSignal: (wire) => void wire.exitSignal('TERM').eof().close(),
  });
  const begin = performance.now();
  assert.equal(await abortRunning(targetOf(script), 'work', 'why'), 'why');
  assert.deepEqual(script.signals, ['TERM']);
  assert.ok(performance.now() - begin < 10_000);
});

void test('a success after the abort is still an abort', async (t) => {
  const script = await startWireServer(t, {
    onExec: (wire) => void wire.success().data('begun'),
    onSignal: (wire) => void wire.exitStatus(0).eof().close(),
  });
  assert.equal(await abortRunning(targetOf(script), 'work', 'why'), 'why');
});

void test('a server that is deaf, resets or disconnects after the abort', async (t) => {
  const answers = [
    (): void => undefined,
    (wire: Wire): void => void reset(wire.socket),
    (wire: { disconnect(reason: number): unknown }): void => void wire.disconnect(2),
  ];
  for (const onSignal of answers) {
    const script = await startWireServer(t, { onExec: (wire) => void wire.success().data('begun'), onSignal });
    assert.equal(await abortRunning(targetOf(script), 'work', 'why'), 'why');
    assert.deepEqual(script.signals, ['TERM']);
  }
});

async function marked(
  t: TestContext,
  start: typeof startSshd
): Promise<{ readonly target: SshTarget; readonly file: string }> {
  const server = await start({ t });
  return { target: targetOf(server), file: join(server.directory, 'term') };
}

void test("Dropbear's command gets TERM", { skip: dropbearSkipReason() }, async (t) => {
  const { target, file } = await marked(t, startDropbear);
  const command = `trap 'echo got > ${file}; exit 1' TERM; echo begun; while :; do sleep 0.05; done`;
  assert.equal(await abortRunning(target, command, 'why'), 'why');
  assert.equal((await exec(target, `cat ${file}`)).stdout, 'got\n');
});

void test('OpenSSH ends the channel, whether it passes signals on or not', async (t) => {
  const { target } = await marked(t, startSshd);
  assert.equal(await abortRunning(target, 'echo begun; sleep 600', 'why'), 'why');
});

void test('an abort after the end changes nothing', async (t) => {
  const script = await startSshScript({ t });
  const controller = new AbortController();
  const result = await exec(targetOf(script), 'work', { signal: controller.signal });
  controller.abort();
  assert.equal(result.exitCode, 0);
});
