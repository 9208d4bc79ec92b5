import assert from 'node:assert/strict';
import type { JobServer } from '../job-server';
import type { ServerRow } from '../server-row';
import { StreamReader } from '../stream-reader';

const STARTERS = 20;

/** Many start the same job at once. */
export const SIMULTANEOUS: readonly ServerRow[] = [
  {
    name: `${STARTERS} starts at once over as many connections`,
    settings: { sshd: ['MaxStartups 100'] },
    run: async (server: JobServer): Promise<void> => {
      const target = server.target(server.real, { shareKey: 'host' });
      const clients = Array.from({ length: STARTERS }, () => server.connect(server.real, { target }));
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
      const ends = await Promise.all(
        clients.map(async (client) => {
          const reader = new StreamReader();
          const { status } = await client.run(request, reader);
          return { status, stdout: reader.stdout };
        })
      );
      for (const { status, stdout } of ends) {
        assert.deepEqual(status, ends[0]?.status);
        assert.deepEqual([status.state, status.exitCode, stdout], ['done', 0, 'out\n']);
      }
      assert.equal(server.runs(), 1);
    },
  },
];
