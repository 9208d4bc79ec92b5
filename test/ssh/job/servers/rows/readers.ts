import assert from 'node:assert/strict';
import { startProxy } from '../../../../support/proxy';
import { startCuttingProxy } from '../../../../support/cutting-proxy';
import { eventually } from '../job-server';
import { sha256OfMegabytes, writeMegabytes } from '../pseudo-random';
import type { JobServer } from '../job-server';
import type { ServerRow } from '../server-row';
import { HashingReader, StreamReader } from '../stream-reader';

const MEGABYTES = 60;

/** Readers that do not read. */
export const READERS: readonly ServerRow[] = [
  {
    name: 'a reader that stands still while the job ends, and then gets everything',
    run: async (server: JobServer): Promise<void> => {
      const proxy = await startCuttingProxy(server, server.real, () => undefined);
      const reader = new HashingReader();
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const run = server.connect(proxy).run(server.job(writeMegabytes(MEGABYTES)), {
        cursor: reader.cursor,
        onBytes: async (...what) => {
          await held;
          reader.onBytes(...what);
        },
      });
      const other = server.connect();
      await eventually(
        async () => (await other.status('job-1')).status.state === 'done',
        'the job waits for its reader'
      );
      assert.equal(reader.next, 0);
      // What the host could send meanwhile waits there.
      const { down } = proxy.passed;
      assert.ok(down < 20_000_000, `${down} bytes were taken`);
      release();
      assert.equal((await run).status.exitCode, 0);
      assert.deepEqual([reader.next, reader.sha256()], [MEGABYTES * 1_000_000, sha256OfMegabytes(MEGABYTES)]);
    },
  },
  {
    name: 'a reader that is gone without a word: what it has left on the host ends, the job goes on',
    // The server looks by itself whether anybody is there.
    settings: { sshd: ['ClientAliveInterval 1', 'ClientAliveCountMax 1'], dropbear: ['-K', '1'] },
    run: async (server: JobServer): Promise<void> => {
      const end = `${server.scratch.path}/end`;
      // With pauses: OpenSSH 9.2 does not look for its client while there is output.
      const work = '[ $((n % 30)) -ne 0 ] || echo line; n=$((n + 1)); sleep 0.1';
      const job = server.job(`n=0; while [ ! -e '${end}' ]; do ${work}; done`);
      const proxy = await startProxy({ t: server.t, target: server.real });
      const controller = new AbortController();
      const first = server.connect(proxy, { signal: controller.signal });
      let seen = (): void => undefined;
      const begun = new Promise<void>((resolve) => (seen = resolve));
      const run = first
        .run(job, { cursor: { stdout: 0, stderr: 0 }, onBytes: () => seen() })
        .catch((error: unknown) => error);
      await begun;
      // The requests of the client, by the line that makes the login shell become one.
      const following = (): number => server.running('eval "$(cat)"').length;
      assert.ok(following() > 0);
      proxy.drop();
      const gone = new Error('the worker is gone');
      controller.abort(gone);
      await first.close();
      assert.equal(await run, gone);
      await eventually(() => following() === 0, 'what followed still runs');
      assert.equal((await server.connect().status(job.id)).status.state, 'running');
      server.scratch.write('end', '');
      const reader = new StreamReader();
      const { status } = await server.connect().run(job, reader);
      assert.deepEqual([status.exitCode, server.runs(), status.stdoutBytes], [0, 1, reader.stdout.length]);
      assert.match(reader.stdout, /^(line\n)+$/);
    },
  },
];
