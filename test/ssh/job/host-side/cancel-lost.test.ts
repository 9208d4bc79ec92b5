import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalHost } from './local-host';
import { HOST_SHELLS } from './shells';

for (const shell of HOST_SHELLS) {
  void test(`${shell.name}: cancel ends what a lost job left`, { skip: shell.skip }, async (t) => {
    const host = new LocalHost(t, shell);
    const ready = join(host.scratch.path, 'ready');
    const script = host.job(`sleep 600 & echo $PPID $$ > ${ready}.new; mv ${ready}.new ${ready}; wait`);
    const { status } = await host.ask('start', 'lost', { script });
    assert.equal(status?.state, 'running');
    while (!existsSync(ready)) await delay(5);
    // The supervisor first, so that it records nothing.
    for (const pid of readFileSync(ready, 'utf8').trim().split(' ')) process.kill(Number(pid), 'SIGKILL');
    const cancelled = await host.ask('cancel', 'lost');
    assert.equal(cancelled.status?.state, 'lost-supervisor', cancelled.text);
    assert.deepEqual(cancelled.status.survivors, [], cancelled.text);
    await host.quiet();
  });
}
