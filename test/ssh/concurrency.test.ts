import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNothingLeft } from '../support/handles';
import { startSshScript } from '../support/ssh-script';
import type { SshFault } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import { startTcpScript } from '../support/tcp-script';
import type { SshTarget } from '../../ssh/target';
import { exec, targetOf } from './support/engine';
import { startRawServer } from './support/raw-server';

void test('50 commands at once', async (t) => {
  const sshd = await startSshd({ t, config: ['MaxStartups 100'], env: { HOME: '/nonexistent' } });
  const target = targetOf(sshd);
  await assertNothingLeft(async () => {
    const one = async (index: number): Promise<void> => {
      const command = `echo ${index}; echo ${-index} >&2; exit ${index}`;
      const result = await exec(target, command, { request: { okExitCodes: [index] } });
      assert.deepEqual([result.exitCode, result.stdout, result.stderr], [index, `${index}\n`, `${-index}\n`]);
    };
    await Promise.all(Array.from({ length: 50 }, (_, index) => one(index)));
  });
});

/** Fails 200 times, and looks whether listeners pile up on the one thing that outlives all of the runs. */
async function failsOften(target: SshTarget, type: string): Promise<void> {
  const { signal } = new AbortController();
  const added = new Map<string, number>();
  const count = (name: string, by: number): void => void added.set(name, (added.get(name) ?? 0) + by);
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>): void => {
    count(args[0], 1);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
    count(args[0], -1);
    remove(...args);
  };
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', onWarning);
  await assertNothingLeft(async () => {
    const lane = async (): Promise<void> => {
      for (let round = 0; round < 50; round += 1) await assert.rejects(exec(target, 'work', { signal }), { type });
    };
    await Promise.all(Array.from({ length: 4 }, lane));
  });
  process.off('warning', onWarning);
  assert.deepEqual(warnings, []);
  // Each stage takes off what it has put on; one that the failure of a stage forgot would stand out by 200.
  assert.equal(added.get('abort'), 0);
}

void test('200 refused connections leave no listeners and no handles', async (t) => {
  const script = await startTcpScript(undefined, { t });
  await script.stop();
  await failsOften(targetOf(script), 'SshConnectRefused');
});

void test('200 closed banners leave no listeners and no handles', async (t) => {
  const script = await startRawServer(t, (socket) => void socket.end('Exceeded MaxStartups\r\n'));
  await failsOften(targetOf(script), 'SshServerBusy');
});

for (const stage of ['kex', 'auth', 'channel', 'exec', 'run'] as const) {
  void test(`200 connections lost in ${stage} leave no listeners and no handles`, async (t) => {
    const fault: SshFault = { stage, how: 'fin' };
    const script = await startSshScript({ t, fault });
    await failsOften(targetOf(script), 'SshConnectionLost');
    assert.equal(script.sockets.length, 200);
  });
}

void test('200 failed commands leave no listeners and no handles', async (t) => {
  const script = await startSshScript({ t, onExec: (call) => call.reject() });
  await failsOften(targetOf(script), 'SshExecRefused');
});
