import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { dropbearSkipReason, startDropbear } from './dropbear';
import { assertGone, connectedClient, loginCommand, output, spawnMarker } from './login';
import { descendantsOf, markedWith } from './processes';

void test('Dropbear logs in by the key of its own home', { skip: dropbearSkipReason() }, async (t) => {
  const dropbear = await startDropbear({ t });
  const { code, stdout } = await output(loginCommand(dropbear, 'echo "$SSH_CONNECTION"'));
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(` 127\\.0\\.0\\.1 ${dropbear.port}$`, 'm'));
  await dropbear.waitForLog(/Pubkey auth succeeded/);
  assert.ok(dropbear.directory !== homedir());
});

void test('Dropbear ends with its sessions and what they have detached', { skip: dropbearSkipReason() }, async (t) => {
  const dropbear = await startDropbear({ t });
  const client = await connectedClient(t, dropbear);
  const marker = await spawnMarker(
    client,
    'sleep 1000 >/dev/null 2>&1 </dev/null & echo "$TEMPORAL_SSH_TEST_SERVER"; sleep 1000'
  );
  const sessions = descendantsOf(dropbear.pid);
  assert.ok(sessions.length >= 2, 'a session and its shell');
  assert.ok(markedWith(marker).length >= 2);
  await dropbear.stop();
  for (const { pid } of sessions) assertGone(pid);
  assert.deepEqual(markedWith(marker), []);
});
