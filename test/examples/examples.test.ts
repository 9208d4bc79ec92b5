import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { startCli } from '../cli/support/run-cli';
import type { RunningCli } from '../cli/support/run-cli';
import { canReboot } from '../../examples/ground/server-process';
import { makeScratch } from '../support/scratch';
import { temporalBinary } from '../support/temporal';

/** Everything that runs in a directory, or was given one on its command line or in its environment. */
function processesOf(directory: string): readonly string[] {
  const read = (pid: string, name: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'latin1');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => `${read(pid, 'cmdline')}\0${read(pid, 'environ')}`.includes(directory))
    .map((pid) => `${pid} ${read(pid, 'cmdline')}`);
}

/** Runs an example to its end, of which nothing may be left; `hand` may interfere. */
async function run(
  t: TestContext,
  name: string,
  env: NodeJS.ProcessEnv = {},
  hand: (example: RunningCli) => Promise<void> = async () => undefined
): Promise<{ readonly code: number | null; readonly stdout: string; readonly all: string }> {
  const { path } = makeScratch({ t });
  const temporary = join(path, 'tmp');
  mkdirSync(temporary);
  const script = join(__dirname, '..', '..', 'examples', name, 'main.js');
  const given = { XDG_DATA_HOME: path, TMPDIR: temporary, TEMPORAL_CLI_PATH: temporalBinary(), ...env };
  const example = startCli([], { t, script, env: given });
  await hand(example);
  const code = await example.exit;
  assert.deepEqual(readdirSync(temporary), [], 'files are left');
  assert.deepEqual(processesOf(temporary), [], 'processes are left');
  return { code, stdout: example.stdout(), all: example.stdout() + example.stderr() };
}

async function story(t: TestContext, name: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, all } = await run(t, name, env);
  assert.equal(code, 0, all);
  return stdout;
}

const row = (...cells: readonly string[]): RegExp => new RegExp(`^  ${cells.join(' +')}$`, 'm');
const WITHOUT_SSHD = { EXAMPLES_WITHOUT_SSHD: '1' };

void describe('examples', { timeout: 280_000 }, () => {
  const released = (stdout: string): void => {
    assert.match(stdout, row('web-4', 'v2', 'in', 'drain, install v2, restore'));
    assert.match(stdout, /it failed: SshTooManyFailures: 1 of 6 hosts failed, and 0 may\. web-4: SshUnhealthy/);
    assert.match(stdout, row('web-3', 'v2', 'in', 'drain, install v3, restore, drain, back to v2, restore'));
    assert.match(stdout, row('web-4', 'v2', 'in', 'drain, install v3, back to v2, restore'));
    assert.match(stdout, row('web-6', 'v2', 'in', 'nothing'));
    assert.match(stdout, /v3 is on no host\. Undone, in this order: web-4, /);
  };

  void test('a release that succeeds, and one that is rolled back', async (t) => {
    const stdout = await story(t, 'release');
    assert.match(stdout, /6 hosts on loopback: .* \(OpenSSH\)/);
    released(stdout);
  });

  void test('the release without sshd', async (t) => {
    const stdout = await story(t, 'release', WITHOUT_SSHD);
    assert.match(stdout, /6 hosts on loopback: .* \(embedded host\)/);
    released(stdout);
  });

  void test('the release after Ctrl-C: it is undone, and nothing is left', async (t) => {
    const { code, all } = await run(t, 'release', {}, async (example) => {
      await example.saw(/batch 2 of 4/);
      example.signal('SIGINT');
    });
    assert.equal(code, 1, all);
    assert.match(all, /it is cancelled[^]*Cancelled, and what was done is undone/);
  });

  void test('maintenance, with a reboot where there can be one', async (t) => {
    const stdout = await story(t, 'maintenance');
    assert.match(stdout, row('db-1', 'in', '1', 'drain, vacuum, restore'));
    const rebooted = row('db-2', 'in', '2', 'drain, vacuum, reboot, restore');
    assert.match(stdout, canReboot() ? rebooted : /no reboot here: only root on Linux/);
  });

  void test('an order that waits for the warehouse, and one that is undone', async (t) => {
    const stdout = await story(t, 'order');
    for (const part of [
      /attempt 2 failed: SshConnectRefused \(stage connect\)/,
      /so far: reserved, charged, and it waits for the warehouse/,
      /done: parcel-1; on the books: reserved, charged/,
      /failed: SshExitStatus: exit code 3, no chair in stock/,
      /undone, in this order: refund, release the item; on the books: nothing/,
    ]) {
      assert.match(stdout, part);
    }
  });
});
