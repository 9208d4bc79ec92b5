import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createWorker } from '../../examples/minimal/worker';
import { uname } from '../../examples/minimal/workflows';
import { hostsText } from '../cli/support/hosts-text';
import { dropbearSkipReason, startDropbear } from '../support/dropbear';
import type { RealServer } from '../support/real-server';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { startTemporal } from '../support/temporal';
import type { RealTemporal } from '../support/temporal';

describe('examples/minimal', () => {
  let temporal: RealTemporal;
  before(async () => {
    temporal = await startTemporal();
  });
  after(() => temporal.stop());

  const runsOn = async (t: TestContext, server: RealServer): Promise<void> => {
    const hosts = makeScratch({ t }).write('hosts.json', hostsText({ x: server }));
    const taskQueue = temporal.taskQueue();
    const worker = await createWorker(temporal.nativeConnection, taskQueue, hosts);
    const options = { taskQueue, workflowId: randomUUID(), args: ['x'] as [string] };
    const stdout = await worker.runUntil(temporal.client.workflow.execute(uname, options));
    assert.match(stdout, /^\S+ .*\n$/);
  };

  it('runs on OpenSSH', async (t) => runsOn(t, await startSshd({ t })));
  it('runs on Dropbear', { skip: dropbearSkipReason() }, async (t) => runsOn(t, await startDropbear({ t })));
});
