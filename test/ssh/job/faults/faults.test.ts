import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { dropbearSkipReason, startDropbear } from '../../../support/dropbear';
import type { RealServer } from '../../../support/real-server';
import { startSshd } from '../../../support/sshd';
import { FaultHost } from '../support/fault-host';
import { SHELLS, makeSetUp, setUpSkipReason } from '../support/set-up';
import type { SetUp } from '../support/set-up';
import { sshTransport } from '../support/ssh-transport';
import { FAULT_ROWS } from './fault-rows';

const SERVERS = {
  // Twenty starts at once are as many sessions of one connection. A bare home: what a login costs is no matter here.
  OpenSSH: ({ command, home }: SetUp) =>
    startSshd({
      within: [command],
      account: { shell: '/bin/sh', home },
      config: ['MaxSessions 100', 'MaxStartups 100:30:200'],
    }),
  Dropbear: ({ command }: SetUp) => startDropbear({ within: [command], account: { shell: '/bin/sh' } }),
};
const SKIPS = { OpenSSH: false, Dropbear: dropbearSkipReason() };

// Where channels of one connection come and go side by side, Dropbear was seen to close one in answer to its exec.
const CHANNELS = { OpenSSH: { channels: 'many' }, Dropbear: { channels: 'one' } } as const;

let allHeld = 0;
let allRan = 0;
let setUps = 0;

for (const name of ['OpenSSH', 'Dropbear'] as const) {
  for (const shell of SHELLS) {
    const skip = setUpSkipReason(shell) || SKIPS[name];
    void describe(`job faults on ${name} where /bin/sh is ${shell}`, { concurrency: 3, skip }, () => {
      let held = 0;
      let ran = 0;
      let server: RealServer;
      const setUp = makeSetUp({ t: { after: after as TestContext['after'] }, shell });
      before(async () => {
        server = await SERVERS[name](setUp);
        setUps += 1;
      });
      after(async () => {
        await server.stop();
        allHeld += held;
        allRan += ran;
        console.log(`${name}, ${shell}: ${held} of ${ran} job faults held`);
      });
      for (const row of FAULT_ROWS) {
        void it(row.name, { skip: row.without?.[shell] ?? false }, async (t) => {
          ran += 1;
          const host = new FaultHost(t, sshTransport(t, setUp, server, CHANNELS[name]));
          await row.run(host);
          await host.assertQuiet();
          held += 1;
        });
      }
    });
  }
}

after(() => console.log(`${allHeld} of ${allRan} job faults held on ${setUps} set-ups`));
