import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Info } from '@temporalio/activity';
import { startHeartbeat } from '../../activities/heartbeat-pulse';
import { exit, startSshScript } from '../support/ssh-script';
import { hostsOf, mockStep } from './mock-step';
import { startScriptedCommand } from './scripted-command';

const CANARY = 'canary-7f3a';

void test('heartbeats hold the phase and two counts, never output, command, env or stdin', async (t) => {
  const { script, channel } = await startScriptedCommand({ t });
  const step = mockStep({ hosts: hostsOf(script) });
  const running = step.run({ host: 'box', command: `echo ${CANARY}`, env: { SECRET: CANARY }, stdin: CANARY });
  const command = await channel;
  command.write(`${CANARY}\n`);
  command.stderr.write(CANARY);
  while (step.heartbeats.at(-1)?.stderrBytes !== CANARY.length) await step.beats(1);
  exit(command, 0);
  await running;
  for (const beat of step.heartbeats)
    assert.deepEqual(Object.keys(beat).sort(), ['phase', 'stderrBytes', 'stdoutBytes']);
  assert.doesNotMatch(JSON.stringify(step.heartbeats), new RegExp(CANARY));
  assert.deepEqual(step.heartbeats.at(-1), { phase: 'run', stdoutBytes: 12, stderrBytes: 11 });
  assert.equal(step.heartbeats[0]?.phase, 'config', 'the first one goes out before anything else');
});

void test('a heartbeat goes out with the exec request, whatever the cadence', async (t) => {
  const { script, channel } = await startScriptedCommand({ t });
  const step = mockStep({ hosts: hostsOf(script) }, { heartbeatTimeoutMs: 3_600_000 });
  const running = step.run({ host: 'box', command: 'x' });
  const command = await channel;
  assert.deepEqual(step.heartbeats.at(-1)?.phase, 'exec', 'it is there when the request arrives');
  exit(command, 0);
  await running;
});

void test('no heartbeat comes after the end', async (t) => {
  const script = await startSshScript({ t });
  const step = mockStep({ hosts: hostsOf(script) });
  await step.run({ host: 'box', command: 'x' });
  const { length } = step.heartbeats;
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(step.heartbeats.length, length);
});

void test('the cadence follows heartbeatTimeoutMs: two beats may be late, and none is wasted', (t) => {
  const intervals = t.mock.method(globalThis, 'setInterval');
  // The server says 0 where no heartbeat timeout was given.
  for (const heartbeatTimeoutMs of [undefined, 0, 100, 600, 2_400, 30_000]) {
    let beats = 0;
    const info = { heartbeatTimeoutMs } as Info;
    const stop = startHeartbeat({ info, heartbeat: () => (beats += 1) }, () => ({}));
    stop();
    assert.equal(beats, 1, 'the first one at once');
  }
  assert.deepEqual(
    intervals.mock.calls.map(({ arguments: [, interval] }) => interval),
    [1_000, 1_000, 100, 200, 800, 1_000]
  );
});
