/*
 * Records the golden histories that test/workflows/replay.test.ts replays, into test/histories/*.json:
 *
 *   npm run build && TEMPORAL_CLI_PATH=... node lib/test/histories/record.js [name...]
 *
 * By hand, and only for histories that are new: what a released version has recorded is replayed as it is, for ever. So
 * it leaves files alone that are there. The activities are fakes, so that no history holds anything of this machine.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createSshActivities } from '../../activities';
import { projectRoot } from '../package/project-root';
import { startTemporal } from '../support/temporal';
import { sshExec, sshHealthy, sshJob, sshJobCancel, sshReachable, transferred } from './recorded-activities';
import { RECORDINGS, STEPS } from './recordings';
import type { Recording } from './recordings';

const IDENTITY = 'recorder';
const TASK_QUEUE = 'recorded';
/** Waits until a workflow has nothing left to do before its cancellation: its steps are through, or the last one runs. */
async function untilWaiting(client: Client, own: WorkflowHandle, { workflow, children }: Recording): Promise<void> {
  for (;;) {
    const hasChildren = children !== undefined || workflow === 'sshMaintenance';
    const handle = hasChildren ? client.workflow.getHandle(`${own.workflowId}.1`) : own;
    const { raw } = await handle.describe().catch(() => ({ raw: undefined }));
    // The child workflow is not there yet.
    if (raw === undefined) continue;
    const { events } = await handle.fetchHistory();
    const done = (events ?? []).filter((event) => event.activityTaskCompletedEventAttributes).length;
    const [pending] = raw.pendingActivities ?? [];
    if (workflow === 'release' ? done === STEPS.length && !raw.pendingWorkflowTask : pending?.heartbeatDetails) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Traces hold paths of the machine, and do not matter for a replay. */
function withoutTraces(json: string): string {
  return `${JSON.stringify(JSON.parse(json), (key, value: unknown) => (key === 'stackTrace' ? undefined : value), 2)}\n`;
}

const fileOf = (name: string): string => join(projectRoot(), 'test', 'histories', `${name.replace('/', '-')}.json`);

function write(name: string, history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>): void {
  writeFileSync(fileOf(name), withoutTraces(historyToJSON(history)));
  console.log(fileOf(name));
}

async function record(client: Client, name: string, recording: Recording): Promise<void> {
  const { workflow, args, cancel = false, continued = false, children = {} } = recording;
  if (workflow === 'sshHostGate') {
    const gate = client.workflow.getHandle(name);
    await gate.result();
    return write(name, await gate.fetchHistory());
  }
  const handle = await client.workflow.start(workflow, { taskQueue: TASK_QUEUE, args: [...args], workflowId: name });
  if (cancel) {
    await untilWaiting(client, handle, recording);
    await handle.cancel();
  }
  await handle.result().catch(() => undefined);
  const first = continued ? client.workflow.getHandle(name, handle.firstExecutionRunId) : handle;
  write(name, await first.fetchHistory());
  for (const [id, file] of Object.entries(children)) {
    write(file, await client.workflow.getHandle(`${name}${id}`).fetchHistory());
  }
}

async function recordAll(recordings: readonly (readonly [string, Recording])[], serverArgs: readonly string[]): Promise<void> {
  if (recordings.length === 0) return;
  const temporal = await startTemporal({ args: serverArgs });
  const connection = await Connection.connect({ address: temporal.address });
  const nativeConnection = await NativeConnection.connect({ address: temporal.address });
  try {
    const client = new Client({ connection, identity: IDENTITY });
    const worker = await Worker.create({
      connection: nativeConnection,
      identity: IDENTITY,
      taskQueue: TASK_QUEUE,
      workflowsPath: require.resolve('../workflows/fixtures/recorded'),
      activities: {
        ...createSshActivities({ hosts: { hosts: {} } }),
        ...{ sshExec, sshJob, sshJobCancel, sshReachable, sshHealthy },
        ...{ sshUpload: transferred, sshDownload: transferred, sshPutFile: transferred, sshSync: transferred },
      },
      maxHeartbeatThrottleInterval: 100,
    });
    await worker.runUntil(async () => {
      for (const [name, recording] of recordings) await record(client, name, recording);
    });
  } finally {
    await nativeConnection.close();
    await connection.close();
    await temporal.stop();
  }
}

async function main(names: readonly string[]): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const wanted = Object.entries(RECORDINGS).filter(
    ([name]) => !existsSync(fileOf(name)) && (names.length === 0 || names.includes(name))
  );
  await recordAll(wanted.filter(([, { continued }]) => !continued), []);
  const suggestion = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=20'];
  await recordAll(wanted.filter(([, { continued }]) => continued), suggestion);
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  }
);
