import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode, makeTelemetryFilterString } from '@temporalio/worker';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { SshPlugin } from '../../worker';
import { projectRoot } from '../package/project-root';

const directory = join(projectRoot(), 'test', 'histories');
const files = readdirSync(directory).filter((file) => file.endsWith('.json'));

interface JsonEvent {
  readonly eventType: string;
  readonly activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  readonly [attributes: string]: unknown;
}

/** A history as it is in its file. */
function load(file: string): { events: JsonEvent[] } {
  return JSON.parse(readFileSync(join(directory, file), 'utf8')) as { events: JsonEvent[] };
}

void describe('golden histories', { timeout: 120_000 }, () => {
  let workflowBundle: WorkflowBundleWithSourceMap | undefined;
  before(async () => {
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: {
        logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
      },
    });
    workflowBundle = await bundleWorkflowCode({
      workflowsPath: require.resolve('./fixtures/recorded'),
      logger: new DefaultLogger('ERROR'),
    });
  });

  /** Replays histories, and returns what the workflow of today does otherwise, if anything. */
  async function replay(
    named: Readonly<Record<string, unknown>>
  ): Promise<Readonly<Record<string, Error | undefined>>> {
    assert.ok(workflowBundle);
    // The ids of child workflows begin with that of their parent, which the recorder named after the file.
    const ids = new Map(Object.keys(named).map((name) => [name.replace('.json', ''), name]));
    const histories = Object.entries(named).map(([name, json]) => ({
      workflowId: name.replace('.json', ''),
      history: historyFromJSON(json),
    }));
    // The hosts file is for activities: replaying must not even look for it.
    const plugins = [new SshPlugin({ hosts: '/no/such/hosts.yaml' })];
    const found: Record<string, Error | undefined> = {};
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle, plugins }, histories))
      found[ids.get(workflowId) ?? workflowId] = error;
    return found;
  }

  void test('all of them replay', async () => {
    assert.ok(files.length >= 45, files.join());
    const found = await replay(Object.fromEntries(files.map((file) => [file, load(file)])));
    assert.deepEqual(found, Object.fromEntries(files.map((file) => [file, undefined])));
  });

  void test('a change of what is scheduled is found', async () => {
    const renamed = load('ssh-command-success.json');
    for (const { activityTaskScheduledEventAttributes: scheduled } of renamed.events)
      if (scheduled) scheduled.activityType.name = 'sshJob';
    // As a workflow would see it that slept before its step.
    const other = load('release-undone.json');
    const at = other.events.findIndex(
      ({ activityTaskScheduledEventAttributes }) => activityTaskScheduledEventAttributes
    );
    const { eventId, eventTime, taskId } = other.events[at] as unknown as Record<string, unknown>;
    other.events[at] = {
      ...{ eventId, eventTime, taskId, eventType: 'EVENT_TYPE_TIMER_STARTED' },
      timerStartedEventAttributes: { timerId: '1', startToFireTimeout: '1s', workflowTaskCompletedEventId: '4' },
    };
    const found = await replay({ renamed, other });
    for (const name of ['renamed', 'other']) {
      assert.equal(found[name]?.name, 'DeterminismViolationError', `${name}: ${String(found[name])}`);
    }
  });

  void test('two commands of a ready-made workflow in another order are found', async () => {
    const swapped: Record<string, unknown> = {};
    for (const [file, first, second] of [
      ['runbook-success.json', 'sshExec', 'sshJob'],
      ['fleet-batch-success.json', 'sshExec', 'sshHealthy'],
    ] as const) {
      const history = load(file);
      const scheduled = history.events.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
      const named = (name: string): (typeof scheduled)[number] | undefined =>
        scheduled.find(({ activityType }) => activityType.name === name);
      const [one, other] = [named(first), named(second)];
      assert.ok(one && other, file);
      one.activityType.name = second;
      other.activityType.name = first;
      swapped[file] = history;
    }
    const found = await replay(swapped);
    for (const file of Object.keys(swapped)) {
      assert.equal(found[file]?.name, 'DeterminismViolationError', `${file}: ${String(found[file])}`);
    }
  });

  void test('what continued as new says so in its history', () => {
    for (const file of files.filter((each) => each.endsWith('-continued.json'))) {
      const { events } = load(file);
      assert.equal(events.at(-1)?.eventType, 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW', file);
    }
  });

  void test('they hold nothing of the machine that recorded them', () => {
    for (const file of files) {
      const text = readFileSync(join(directory, file), 'utf8');
      assert.doesNotMatch(text, /stackTrace/, file);
      assert.doesNotMatch(text, /"identity": "(?!recorder"|history-service")/, file);
      // Payloads are base64; paths could hide in them.
      const payloads = [...text.matchAll(/"data": "([\w+/=]+)"/g)].map(([, data = '']) => Buffer.from(data, 'base64'));
      for (const content of [text, ...payloads.map(String)])
        assert.doesNotMatch(content, /"\/(home|root|work|tmp|Users)\//);
    }
  });
});
