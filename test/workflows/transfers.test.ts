import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { eventsOf, inTime, noTemporal, outcomeOf, scheduledBy, useGround } from '../e2e/ground';
import type { Outcome } from '../e2e/ground';

const MARGIN_MS = 900_000;
const SET_UP_MS = 160_000;

void describe('what transfers schedule', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('./fixtures/recorded'));

  async function run(
    spec: unknown
  ): Promise<Outcome & { readonly scheduled: readonly Readonly<Record<string, unknown>>[] }> {
    const echo = async (input: unknown): Promise<unknown> => Promise.resolve(input);
    const activities = { sshUpload: echo, sshDownload: echo, sshPutFile: echo, sshSync: echo };
    return ground.withWorker({ activities }, async (queue) => {
      // Without a timeout of the workflow, which the server would cut all others to.
      const handle = await ground.temporal.client.workflow.start('sshTransfer', {
        taskQueue: queue,
        args: [spec],
        workflowId: ground.temporal.taskQueue(),
      });
      const outcome = await inTime(outcomeOf(handle));
      const event = (await eventsOf(handle)).find((each) => each.activityTaskScheduledEventAttributes);
      const summary = Buffer.from(event?.userMetadata?.summary?.data ?? '""').toString();
      const scheduled = (await scheduledBy(handle)).map((asked) => ({
        name: asked.activityType?.name,
        input: JSON.parse(Buffer.from(asked.input?.payloads?.[0]?.data ?? []).toString()) as unknown,
        startToClose: optionalTsToMs(asked.startToCloseTimeout),
        scheduleToClose: optionalTsToMs(asked.scheduleToCloseTimeout),
        excluded: asked.retryPolicy?.nonRetryableErrorTypes ?? [],
        summary: JSON.parse(summary) as unknown,
      }));
      return { ...outcome, scheduled };
    });
  }

  void test('exactly one activity, which may be repeated, with a summary that tells what goes where', async () => {
    const timeouts = { run: '1h' } as const;
    const year = 365 * 86_400_000;
    for (const [spec, name, summary, limit] of [
      [
        { upload: { from: 'b:v1/app.tgz', to: '/opt/app.tgz' } },
        'sshUpload',
        'upload app.tgz to box:/opt/app.tgz',
        year,
      ],
      [{ download: { from: '/a', to: 'logs:b' } }, 'sshDownload', 'download box:/a to b', year],
      [{ putFile: { to: '/a', content: 'c', timeouts } }, 'sshPutFile', 'put box:/a', 3_600_000],
      [{ sync: { from: 's:.', to: '/w', dryRun: true } }, 'sshSync', 'sync . to box:/w (dry run)', year],
    ] as const) {
      const { scheduled } = await run({ host: 'box', ...spec });
      const startToClose = SET_UP_MS + limit + MARGIN_MS;
      const input = { ...Object.values(spec)[0], host: 'box' };
      assert.deepEqual(scheduled, [{ name, input, startToClose, scheduleToClose: 0, excluded: [], summary }]);
    }
  });

  void test('bad options fail the workflow at once, all of them told', async () => {
    for (const [spec, said] of [
      [{ host: 'box', upload: { from: 'x', to: '/a/', mode: 5 } }, /mode: [^]*from: [^]*to: /],
      [{ host: 'box', upload: { from: 'a:x', to: '/a', host: 'other' } }, /host: expected it as an argument/],
      [{ host: 'box', upload: {}, sync: {} }, /exactly one of upload, download, putFile, sync/],
      [{ host: 'box', upload: 'x' }, /exactly one of/],
      [{ host: 'box' }, /found none of them/],
      [undefined, /name: expected a host's name/],
    ] as const) {
      const { failure, scheduled } = await run(spec);
      assert.equal(failure?.type, 'SshInvalidOptions', JSON.stringify(spec));
      assert.match(failure.message, said);
      assert.deepEqual(scheduled, []);
    }
  });
});
