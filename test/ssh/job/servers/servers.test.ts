import { after, describe, it } from 'node:test';
import { dropbearSkipReason } from '../../../support/dropbear';
import { privateFilesSkipReason } from '../../../support/private-files';
import { JobServer, SERVER_KINDS } from './job-server';
import { SERVER_ROWS } from './server-rows';

let held = 0;
let ran = 0;

for (const kind of SERVER_KINDS) {
  const skip = privateFilesSkipReason() || (kind === 'Dropbear' && dropbearSkipReason());
  void describe(`job faults over ${kind}`, { concurrency: 2, skip }, () => {
    for (const row of SERVER_ROWS) {
      void it(row.name, { skip: row.skip || (row.without?.[kind] ?? false) }, async (t) => {
        ran += 1;
        const server = await JobServer.start(t, kind, row.settings);
        await row.run(server);
        await server.assertQuiet();
        held += 1;
      });
    }
  });
}

after(() => console.log(`${held} of ${ran} job faults held over ${SERVER_KINDS.join(' and ')}`));
