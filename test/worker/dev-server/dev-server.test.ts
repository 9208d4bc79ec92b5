import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { DevServerError, findTemporal, startDevServer } from '../../../worker/dev-server';
import { runs, scratch, until } from '../processes';
import { program } from './fake-programs';

let binary: string;

before(async () => {
  const env = { ...process.env };
  delete env.TEMPORAL_ADDRESS;
  const source = await findTemporal({ env, onProgress: (message) => process.stderr.write(`# ${message}\n`) });
  assert.equal(source.kind, 'binary');
  binary = source.path;
});

const ANY_PORT = { port: 0, uiPort: 0 } as const;

function coded(code: string, pattern: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof DevServerError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  };
}

/** Processes that have the directory on their command line. */
function processesOf(directory: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return pid !== process.pid && runs(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory);
      } catch {
        return false;
      }
    });
}

test('a server starts, answers, keeps its data and is gone after stop', { timeout: 180_000 }, async (t) => {
  const dataDir = join(scratch(t), 'data');
  const server = await startDevServer({ binary, dataDir, namespace: 'ours', ...ANY_PORT });
  t.after(() => server.stop());
  assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  assert.ok(runs(server.pid));
  assert.equal((await fetch(server.uiUrl)).status, 200);
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection, namespace: server.namespace });
  await client.workflow.start('nobody', { workflowId: 'kept', taskQueue: 'none' });
  await connection.close();

  await assert.rejects(
    startDevServer({ binary, dataDir, ...ANY_PORT }),
    coded(
      'DevServerLocked',
      new RegExp(`process ${server.pid}, which answers at ${server.address}\\..*TEMPORAL_ADDRESS=`)
    )
  );
  await Promise.all([server.stop(), server.stop()]);
  await server.exited;
  assert.ok(!runs(server.pid));
  if (process.platform === 'linux') assert.deepEqual(processesOf(dataDir), []);

  const again = await startDevServer({ binary, dataDir, namespace: 'ours', ...ANY_PORT });
  t.after(() => again.stop());
  const second = await Connection.connect({ address: again.address });
  const handle = new Client({ connection: second, namespace: 'ours' }).workflow.getHandle('kept');
  assert.equal((await handle.describe()).status.name, 'RUNNING');
  await second.close();
  await again.stop();
  assert.deepEqual(
    readdirSync(dataDir).filter((name) => name.includes('lock')),
    []
  );
});

test('a server does not outlive its starter, not even one that is killed', { timeout: 120_000 }, async (t) => {
  const dataDir = join(scratch(t), 'data');
  const script = `
    const { startDevServer } = require(${JSON.stringify(require.resolve('../../../worker/dev-server'))});
    startDevServer({ binary: ${JSON.stringify(binary)}, dataDir: ${JSON.stringify(dataDir)}, port: 0, uiPort: 0 }).then(
      (server) => console.log(server.pid), (error) => { console.error(error); process.exit(1); });`;
  const starter = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => starter.kill('SIGKILL'));
  const pid = Number(
    await new Promise<string>((resolve) => starter.stdout.once('data', (data) => resolve(String(data))))
  );
  assert.ok(runs(pid));
  starter.kill('SIGKILL');
  await until('the server is gone', () => !runs(pid));
  if (process.platform === 'linux') await until('its watchdog too', () => processesOf(dataDir).length === 0);

  // The lock that the dead left behind is no obstacle.
  const server = await startDevServer({ binary, dataDir, ...ANY_PORT });
  await server.stop();
});

test('ports that are taken are passed over', { timeout: 120_000 }, async (t) => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  t.after(() => squatter.close());
  const { port } = squatter.address() as AddressInfo;
  const server = await startDevServer({ binary, dataDir: scratch(t), port, uiPort: port });
  t.after(() => server.stop());
  const [, found] = server.address.split(':');
  const ui = new URL(server.uiUrl).port;
  assert.ok(Number(found) > port && Number(ui) > port && ui !== found, `${found} ${ui}`);
  await server.stop();
});

test('a server that ends before it answers shows the end of its output', async (t) => {
  const directory = scratch(t);
  const broken = program(
    directory,
    'broken',
    'i=0; while [ $i -lt 40 ]; do i=$((i + 1)); echo "line $i"; done; exit 3'
  );
  const dataDir = join(directory, 'data');
  const lines: string[] = [];
  await assert.rejects(
    startDevServer({ binary: broken, dataDir, ...ANY_PORT, onLog: (line) => lines.push(line) }),
    coded(
      'DevServerExited',
      /exit code 3 before it answered .*The end of its output:\nline 21\n(line \d+\n){18}line 40$/
    )
  );
  assert.equal(lines.length, 40);
  await assert.rejects(
    startDevServer({ binary: join(directory, 'none'), dataDir, ...ANY_PORT }),
    coded('DevServerExited', /exit code 127.*none/s)
  );
  await assert.rejects(startDevServer({ binary, dataDir, port: -1 }), coded('DevServerInvalidOptions', /^port: .*-1/));
  assert.deepEqual(readdirSync(dataDir), [], 'no lock is left');
});

test('a port that is lost at the last moment is no failure', { timeout: 120_000 }, async (t) => {
  const directory = scratch(t);
  const marker = join(directory, 'failed-once');
  const racy = program(
    directory,
    'racy',
    `[ -e ${marker} ] && exec ${binary} "$@"; touch ${marker}; echo "bind: address already in use"; exit 1`
  );
  const server = await startDevServer({ binary: racy, dataDir: join(directory, 'data'), ...ANY_PORT });
  await server.stop();
});

test(
  'an abort ends the start, and the server that does not listen to SIGTERM with it',
  { timeout: 60_000 },
  async (t) => {
    const directory = scratch(t);
    const pidFile = join(directory, 'pid');
    const deaf = program(
      directory,
      'deaf',
      `trap "" TERM; echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; while :; do sleep 1; done`
    );
    const controller = new AbortController();
    const start = startDevServer({
      binary: deaf,
      dataDir: join(directory, 'data'),
      ...ANY_PORT,
      signal: controller.signal,
    });
    const rejected = assert.rejects(start, /enough/);
    await until('the server runs', () => readdirSync(directory).includes('pid'));
    const pid = Number(readFileSync(pidFile, 'utf8'));
    controller.abort(new Error('enough'));
    await rejected;
    assert.ok(!runs(pid));
  }
);

test('a lock of another process with the same id is stale', { timeout: 120_000 }, async (t) => {
  const dataDir = scratch(t);
  const owner = { pid: process.pid, start: 'another time' };
  writeFileSync(join(dataDir, 'temporal.lock'), JSON.stringify({ id: 'x', owner, address: '127.0.0.1:1' }));
  const server = await startDevServer({ binary, dataDir, ...ANY_PORT });
  await server.stop();
});
