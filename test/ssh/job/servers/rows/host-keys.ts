import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedHostKeys } from '../../../../../ssh/hosts/pinned-host-keys';
import { makeKeyFiles } from '../../../../support/key-files';
import { identify, isAlive } from '../../../../support/processes';
import { checkFailure } from '../../../support/engine';
import type { JobServer } from '../job-server';
import type { ServerRow } from '../server-row';
import { StreamReader } from '../stream-reader';
import { lost } from './start-cuts';

/** The host is another one, by its key. */
export const HOST_KEYS: readonly ServerRow[] = [
  {
    name: 'another host key after the connection was lost: nobody attaches until it is accepted',
    run: async (server: JobServer): Promise<void> => {
      const end = `${server.scratch.path}/end`;
      const job = server.job(`echo out; while [ ! -e '${end}' ]; do sleep 0.1; done`);
      let seen = (): void => undefined;
      const begun = new Promise<void>((resolve) => (seen = resolve));
      const run = server.connect().run(job, { cursor: { stdout: 0, stderr: 0 }, onBytes: () => seen() });
      await begun;
      const { status } = await server.connect().status(job.id);
      const process = identify(status.pid ?? 0);
      assert.ok(process);
      const ended = run.then(() => assert.fail('the connection was not lost'), lost);
      const { real } = server;
      const fresh = makeKeyFiles(join(server.scratch.path, 'another_host_key'));
      renameSync(fresh.file, real.hostKeyFile);
      renameSync(`${fresh.file}.pub`, `${real.hostKeyFile}.pub`);
      await real.restart({ sessions: 'keep' });
      await ended;

      for (const attach of ['run', 'follow'] as const) {
        const client = server.connect();
        const reader = new StreamReader();
        const attached = attach === 'run' ? client.run(job, reader) : client.follow(job.id, reader);
        const error = await attached.catch((reason: unknown) => reason);
        checkFailure(error, server.target(), { type: 'SshHostKeyMismatch', stage: 'kex' });
      }
      assert.ok(isAlive(process), 'the job has ended');

      const target = server.target(real, { hostKeys: pinnedHostKeys([fresh.fingerprint]) });
      const client = server.connect(real, { target });
      const found = await client.status(job.id);
      assert.deepEqual([found.status.state, found.status.pid], ['running', status.pid]);
      server.scratch.write('end', '');
      const reader = new StreamReader();
      const report = await client.run(job, reader);
      assert.deepEqual([report.started, report.status.exitCode, reader.stdout], [false, 0, 'out\n']);
      assert.deepEqual([report.hostKeyFingerprint, server.runs()], [fresh.fingerprint, 1]);
    },
  },
];
