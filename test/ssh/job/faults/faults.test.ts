import { after, describe, it } from 'node:test';
import { FaultHost } from './fault-host';
import { FAULT_ROWS } from './fault-rows';
import { SHELLS, makeSetUp, setUpSkipReason } from './set-up';

let held = 0;
let ran = 0;

for (const shell of SHELLS) {
  const skip = setUpSkipReason(shell);
  void describe(`job faults where /bin/sh is ${shell}`, { concurrency: 3, skip }, () => {
    for (const row of FAULT_ROWS) {
      void it(row.name, { skip: row.without?.[shell] ?? false }, async (t) => {
        ran += 1;
        const host = new FaultHost(t, makeSetUp({ t, shell }));
        await row.run(host);
        await host.assertQuiet();
        held += 1;
      });
    }
  });
}

after(() => console.log(`${held} of ${ran} job faults held on ${SHELLS.length} set-ups`));
