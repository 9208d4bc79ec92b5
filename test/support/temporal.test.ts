import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGone } from './login';
import { startTemporal, temporalBinary } from './temporal';
import { findProgram } from './find-program';

const skip = process.env.TEMPORAL_CLI_PATH === undefined && findProgram('temporal') === undefined && 'no Temporal CLI';

void test('a durable server knows its workflows after a restart; queues are unique', { skip }, async (t) => {
  assert.ok(temporalBinary());
  const temporal = await startTemporal({ t, durable: true });
  const taskQueue = temporal.taskQueue();
  assert.notEqual(taskQueue, temporal.taskQueue());
  const { workflowId } = await temporal.client.workflow.start('none', { workflowId: 'kept', taskQueue });
  await temporal.restart();
  const { status } = await temporal.client.workflow.getHandle(workflowId).describe();
  assert.equal(status.name, 'RUNNING');
  const { pid } = temporal;
  await temporal.stop();
  assertGone(pid);
});
