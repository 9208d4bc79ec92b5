import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive } from './processes';

const SCRIPT = `
  const { startSshd } = require(${JSON.stringify(join(__dirname, 'sshd'))});
  const { startFullBacklog } = require(${JSON.stringify(join(__dirname, 'full-backlog'))});
  Promise.all([startSshd(), startFullBacklog()]).then(([{ pid, directory }]) => {
    console.log(JSON.stringify({ pid, directory }));
    setInterval(() => undefined, 1000);
  });
`;

async function eventually(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, what);
    await delay(20);
  }
}

void test('a test process that is killed leaves neither server nor directory', async (t) => {
  const child = spawn(process.execPath, ['-e', SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { pid, directory } = JSON.parse(line) as { pid: number; directory: string };
  const server = identify(pid);
  assert.ok(server !== undefined && existsSync(directory));
  child.kill('SIGKILL');
  await eventually(() => !isAlive(server), 'the server ends');
  await eventually(() => !existsSync(directory), 'the directory is removed');
});
