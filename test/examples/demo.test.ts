import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { makeScratch } from '../support/scratch';
import { temporalBinary } from '../support/temporal';
import { runCli } from '../cli/support/run-cli';

it('the demo tells its story and ends with a table and exit code 0', async (t) => {
  const { path } = makeScratch({ t });
  const script = join(__dirname, '..', '..', 'examples', 'demo', 'main.js');
  const env = { XDG_DATA_HOME: path, TEMPORAL_CLI_PATH: temporalBinary() };
  const { code, stdout, stderr } = await runCli([], { t, script, env });
  assert.equal(code, 0, stdout + stderr);
  const story = [
    /Web UI at http/,
    /attempt 1 failed: SshBannerTimeout \(stage banner\); next try in [\d.]+ s/,
    /attempt 3 failed: SshServerBusy \(stage banner\); next try in/,
    /is killed in the middle of this step/,
    /failed: TemporalTimeout:Heartbeat/,
    /failed for good: SshExitStatus/,
    /undo: start the app on local +done/,
    /the app is running, at version-1/,
  ];
  for (const part of story) assert.match(stdout, part);
});
