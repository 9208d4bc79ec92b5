import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import { startEmbeddedHost } from '../../../worker/embedded-host';
import { runs, scratch } from '../processes';
import { closed, connect, firstLine, open, run } from './ssh-client';

test('close ends connections, commands and what they left in the background', { timeout: 60_000 }, async (t) => {
  const host = await startEmbeddedHost({ directory: join(scratch(t), 'host') });
  const client = await connect(host);
  const { stdout } = await run(client, 'trap "" HUP; sleep 300 >/dev/null 2>&1 & echo $!');
  const running = await open(client, 'sleep 300 & echo $! $$; wait');
  const pids = [Number(stdout.toString()), ...(await firstLine(running)).split(' ').map(Number)];
  assert.equal(pids.length, 3);
  assert.ok(pids.every(runs));
  const idle = connectTcp(host.port, host.address);
  await new Promise((resolve) => idle.once('connect', resolve));
  const idleClosed = new Promise((resolve) => idle.once('close', resolve));
  idle.resume();

  const clientClosed = closed(client);
  await Promise.all([host.close(), host.close()]);
  assert.deepEqual(pids.filter(runs), []);
  await Promise.all([clientClosed, idleClosed]);
  await assert.rejects(connect(host), /ECONNREFUSED/);
  await host.close();
});

test(
  'garbage and aborted connections do not trouble the host, and nothing holds the process after close',
  { timeout: 60_000 },
  async (t) => {
    const directory = join(scratch(t), 'host');
    const script = `
    const { startEmbeddedHost } = require(${JSON.stringify(require.resolve('../../../worker/embedded-host'))});
    const net = require('node:net');
    const talk = (port, text) => new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => socket.write(text, () => socket.resetAndDestroy()));
      socket.on('error', () => undefined).on('close', resolve);
    });
    (async () => {
      const host = await startEmbeddedHost({ directory: ${JSON.stringify(directory)} });
      for (const text of ['GET / HTTP/1.0\\r\\n\\r\\n', 'SSH-2.0-x\\r\\n', 'SSH-2.0-x\\r\\n' + 'z'.repeat(70000), '\\0'])
        await talk(host.port, text);
      await host.close();
      console.log('closed');
    })();`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.deepEqual([code, output], [0, 'closed\n']);
  }
);
