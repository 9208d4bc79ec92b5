import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { freePort } from '../support/free-port';
import { makeScratch } from '../support/scratch';
import { temporalBinary } from '../support/temporal';
import { runCli, startCli } from './support/run-cli';

/** Processes whose command line holds a text. */
function processesWith(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}

it('temporal-ssh dev starts a server, a worker and a host, and Ctrl-C leaves no process', async (t) => {
  const { path } = makeScratch({ t });
  const [port, uiPort] = [await freePort(), await freePort()];
  const env = { XDG_DATA_HOME: path, TEMPORAL_CLI_PATH: temporalBinary() };
  const metrics = `127.0.0.1:${await freePort()}`;
  const ports = ['--port', String(port), '--ui-port', String(uiPort), '--metrics-address', metrics];
  const dev = startCli(['dev', ...ports, '--data-dir', join(path, 'kept')], { t, env });
  await dev.saw(/Ctrl-C ends it all/);
  assert.match(dev.stdout(), new RegExp(`Temporal server +127\\.0\\.0\\.1:${port}`));
  assert.match(dev.stdout(), new RegExp(`Web UI +http://127\\.0\\.0\\.1:${uiPort}`));
  assert.equal((await fetch(`http://127.0.0.1:${uiPort}/`)).status, 200);

  assert.match(await (await fetch(`http://${metrics}/metrics`)).text(), /^temporal_ssh_connections_open 0$/m);
  const others = { ...env, TEMPORAL_ADDRESS: `127.0.0.1:${port}` };
  const ran = await runCli(['exec', 'local', '--', 'echo "hello from $USER"'], { t, env: others });
  assert.deepEqual([ran.code, ran.stderr], [0, '']);
  assert.match(ran.stdout, /^hello from \S+\n$/);
  const [, hint = ''] = /npx temporal-ssh (check local.*)/.exec(dev.stdout()) ?? [];
  const checked = await runCli(hint.split(' '), { t, env: others, cwd: path });
  assert.equal(checked.code, 0, checked.stdout);

  dev.signal('SIGINT');
  assert.equal(await dev.exit, 0, dev.stderr());
  assert.deepEqual(processesWith(path), []);
});

it('temporal-ssh dev uses a server that is named, and says so when it does not answer', async (t) => {
  const { path } = makeScratch({ t });
  const address = `127.0.0.1:${await freePort()}`;
  const { code, stderr } = await runCli(['dev'], { t, env: { XDG_DATA_HOME: path, TEMPORAL_ADDRESS: address } });
  assert.equal(code, 69);
  assert.match(stderr, new RegExp(`No Temporal server answers at ${address}`));
});
