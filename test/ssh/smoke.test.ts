import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { dropbearSkipReason, startDropbear } from '../support/dropbear';
import { assertNothingLeft } from '../support/handles';
import { makeKeyFiles } from '../support/key-files';
import type { RealServer } from '../support/real-server';
import { startSshd } from '../support/sshd';
import { exec, fails, keyMethod, targetOf } from './support/engine';

const SERVERS: readonly {
  readonly name: string;
  readonly skip: string | false;
  readonly start: (t: TestContext) => Promise<RealServer>;
}[] = [
  // A login shell reads its start-up files in its home, which may take long.
  { name: 'OpenSSH', skip: false, start: (t) => startSshd({ t, env: { HOME: '/nonexistent' } }) },
  { name: 'Dropbear', skip: dropbearSkipReason(), start: (t) => startDropbear({ t }) },
];

const run = { stage: 'run', commandMayHaveRun: true } as const;

for (const { name, skip, start } of SERVERS) {
  void test(name, { skip }, async (t) => {
    const server = await start(t);
    const target = targetOf(server);

    await t.test('success', async () => {
      const result = await assertNothingLeft(() => exec(target, 'echo out; echo err >&2'));
      assert.deepEqual([result.exitCode, result.stdout, result.stderr], [0, 'out\n', 'err\n']);
      assert.equal(result.hostKeyFingerprint, server.hostFingerprint);
      assert.deepEqual([result.truncated, result.invalidUtf8], [false, false]);
    });

    await t.test('exit code', async () => {
      const error = await fails(target, { ...run, type: 'SshExitStatus' }, { command: 'echo why >&2; exit 42' });
      assert.deepEqual([error.details.exitCode, error.result?.stderr], [42, 'why\n']);
    });

    await t.test('signal', async () => {
      const error = await fails(target, { ...run, type: 'SshExitSignal' }, { command: 'kill -KILL $$' });
      assert.equal(error.details.signal, 'KILL');
    });

    await t.test('stdin', async () => {
      const stdin = 'line\n'.repeat(50_000);
      const result = await exec(target, 'wc -c', { request: { stdin } });
      assert.equal(result.stdout.trim(), String(stdin.length));
    });

    await t.test('5 MB of output', async () => {
      const result = await assertNothingLeft(() => exec(target, 'head -c 5000000 /dev/zero | tr "\\0" x'));
      assert.equal(result.stdoutBytes, 5_000_000);
      assert.match(result.stdout, /^x{32768}\n\[\.\.\. 4934464 bytes left out \.\.\.\]\nx{32768}$/);
    });

    await t.test('wrong key', async () => {
      const other = makeKeyFiles(join(server.directory, 'wrong'));
      const refused = targetOf(server, { auth: [keyMethod(other.file)] });
      await fails(refused, { type: 'SshAuthFailed', stage: 'auth', message: /it accepts publickey/ });
    });

    await t.test('commands that are over at once, each on a connection of its own', async () => {
      // OpenSSH takes far longer for a connection; test/ssh/shared-connection.test.ts has as many on one.
      const rounds = name === 'Dropbear' ? 300 : 30;
      await assertNothingLeft(async () => {
        const lane = async (command: string, stdout: string): Promise<void> => {
          for (let round = 0; round < rounds; round += 1) {
            const result = await exec(target, command);
            assert.deepEqual([result.exitCode, result.stdout, result.stderr], [0, stdout, '']);
          }
        };
        await Promise.all([lane('true', ''), lane('echo x', 'x\n')]);
      });
    });
  });
}
