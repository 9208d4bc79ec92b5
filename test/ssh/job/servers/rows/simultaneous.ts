import assert from 'node:assert/strict';
import type { ServerRow } from '../server-row';
import { StreamReader } from '../stream-reader';

const STARTERS = 20;

/** Many start the same job at once. */
export const SIMULTANEOUS: readonly ServerRow[] = [
  {
    name: `${STARTERS} starts at once over as many connections`,
    settings: { sshd: ['MaxStartups 100'] },
    run: async (server) => {
      const clients = Array.from({ length: STARTERS }, () => server.connect());
      // One after the other: a server may let few at a time be without a login.
      for (const client of clients) await client.status('job-1');
      const end = `${server.scratch.path}/end`;
      const request = server.job(`echo out; while [ ! -e '${end}' ]; do sleep 0.1; done`);
      const reports = await Promise.all(clients.map((client) => client.start(request)));
      const [first] = reports;
      assert.equal(reports.filter(({ started }) => started).length, 1);
      for (const { status } of reports) {
        assert.deepEqual(
          [status.state, status.pid, status.startedAt, status.directory],
          ['running', first?.status.pid, first?.status.startedAt, first?.status.directory]
        );
      }
      server.scratch.write('end', '');
      const readers = clients.map(() => new StreamReader());
      const ends = await Promise.all(clients.map((client, index) => client.run(request, readers[index] ?? readers[0]!)));
      for (const [index, { status }] of ends.entries()) {
        assert.deepEqual(status, ends[0]?.status);
        assert.deepEqual([status.state, status.exitCode, readers[index]?.stdout], ['done', 0, 'out\n']);
      }
      assert.equal(server.runs(), 1);
    },
  },
];
