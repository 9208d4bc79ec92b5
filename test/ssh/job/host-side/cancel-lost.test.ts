import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expectFields } from '../faults/row';
import { FaultHost, eventually } from '../support/fault-host';
import { localTransport } from '../support/local-transport';
import { SHELLS, makeSetUp, setUpSkipReason } from '../support/set-up';

for (const shell of SHELLS) {
  void test(`${shell}: cancel ends what a lost job left`, { skip: setUpSkipReason(shell) }, async (t) => {
    const host = new FaultHost(t, localTransport(makeSetUp({ t, shell })));
    const ready = join(host.scratch, 'ready');
    const script = `sleep 600 & echo $PPID $$ > ${ready}.new; mv ${ready}.new ${ready}; wait`;
    expectFields(await host.request('start', 'lost', { script }), { state: 'running' });
    await eventually(() => existsSync(ready), 'the job did not come up');
    // The supervisor first, so that it records nothing.
    for (const pid of readFileSync(ready, 'utf8').trim().split(' ')) process.kill(Number(pid), 'SIGKILL');
    expectFields(await host.request('cancel', 'lost'), { state: 'lost-supervisor', left: 'none' });
    await host.assertQuiet();
  });
}
