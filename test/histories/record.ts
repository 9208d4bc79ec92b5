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
import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createSshActivities } from '../../activities';
import type { SshExecInput, SshHealthyInput, SshJobInput, SshJobReference, SshReachableInput } from '../../contract';
import { projectRoot } from '../package/project-root';
import { startTemporal } from '../support/temporal';

const IDENTITY = 'recorder';
const TASK_QUEUE = 'recorded';
const DETAILS = { stage: 'run', host: 'web-1', address: '192.0.2.1', port: 22, elapsedMs: 7 } as const;

/** Does what its command says. */
async function sshExec({ command }: SshExecInput): Promise<unknown> {
  const { info, heartbeat, cancelled } = Context.current();
  switch (command) {
    case 'fail':
      throw ApplicationFailure.create({
        type: 'SshExitStatus',
        message: 'web-1 (192.0.2.1:22) ended the command with exit code 1.',
        nonRetryable: true,
        details: [{ ...DETAILS, commandMayHaveRun: true, exitCode: 1 }],
      });
    case 'busy at first':
      if (info.attempt > 2) break;
      throw ApplicationFailure.create({
        type: 'SshServerBusy',
        message: 'web-1 (192.0.2.1:22) is too busy for another connection.',
        nextRetryDelay: 100,
        details: [{ ...DETAILS, stage: 'banner', commandMayHaveRun: false }],
      });
    case 'hang': {
      const timer = setInterval(() => heartbeat({ phase: 'run', stdoutBytes: 0, stderrBytes: 0 }), 100);
      await cancelled.finally(() => clearInterval(timer));
    }
  }
  return { host: 'web-1', exitCode: 0, signal: null, stdout: 'ok\n', stderr: '', attempt: info.attempt };
}

const JOB = { host: 'web-1', directory: '/var/jobs', bootId: 'boot', stdoutBytes: 3, stderrBytes: 0 } as const;

/** As {@link sshExec}; with `follow: 'poll'` the job has ended at the third look. */
async function sshJob({ command = 'attach', id, follow }: SshJobInput): Promise<unknown> {
  const { attempt } = Context.current().info;
  if (follow === 'poll' && attempt < 3)
    throw ApplicationFailure.create({
      type: 'SshJobStillRunning',
      message: `web-1: the job ${id} runs; it has written 0 and 0 bytes.`,
      nextRetryDelay: 1_000,
      category: ApplicationFailureCategory.BENIGN,
      details: [{ ...JOB, id, state: 'running', stage: 'run', elapsedMs: 0, commandMayHaveRun: true }],
    });
  const result = (await sshExec({ host: 'web-1', command })) as object;
  return { ...JOB, ...result, id, attached: attempt > 1, cleanedUp: false };
}

async function sshJobCancel({ id }: SshJobReference): Promise<unknown> {
  return { ...JOB, id, state: 'done', signal: 'TERM', endReason: 'cancel', survivors: [] };
}

const notYet = (type: string, message: string): ApplicationFailure =>
  ApplicationFailure.create({
    type,
    message: `web-1 (192.0.2.1:22) ${message}.`,
    nextRetryDelay: 500,
    category: ApplicationFailureCategory.BENIGN,
    details: [{ ...DETAILS, stage: 'connect', commandMayHaveRun: false }],
  });

/** As {@link sshExec}; there at the third look, unless it is asked for a boot that never comes or for one to hang. */
async function sshReachable({ host, notBootId }: SshReachableInput): Promise<unknown> {
  const { attempt } = Context.current().info;
  if (attempt < 3 || notBootId === 'never') {
    if (attempt > 1 && notBootId === 'hang') await sshExec({ host, command: 'hang' });
    throw notYet('SshConnectRefused', 'refused the TCP connection');
  }
  return { host, hostKeyFingerprint: 'SHA256:key', bootId: notBootId === undefined ? 'boot-1' : 'boot-2', attempt };
}

/** As {@link sshExec}; healthy at the third look. */
async function sshHealthy({ host, command }: SshHealthyInput): Promise<unknown> {
  const { attempt } = Context.current().info;
  if (attempt < 3 || command === 'fail') throw notYet('SshUnhealthy', 'was found unhealthy');
  return { host, looks: attempt, healthyForMs: 0, exitCode: 0, stdout: '' };
}

interface Recording {
  readonly workflow:
    'sshCommand' | 'sshJobRun' | 'jobsInTurn' | 'release' | 'waitForBox' | 'healthyBox' | 'rebootBox' | 'held' | 'sshHostGate';
  readonly args: readonly unknown[];
  readonly cancel?: boolean;
}

const command = (options: object): Recording => ({ workflow: 'sshCommand', args: [{ host: 'web-1', ...options }] });

const job = (options: object): Recording => ({ workflow: 'sshJobRun', args: [{ host: 'web-1', ...options }] });

const STEPS = [
  { command: 'stop', undo: 'start' },
  { command: 'install', undo: 'remove' },
];

const RECORDINGS: Readonly<Record<string, Recording>> = {
  'ssh-command-success': command({ command: ['systemctl', 'restart', 'app'], timeouts: { run: '1m' }, env: { A: 'b' } }),
  'ssh-command-failure': command({ command: 'fail', idempotent: true }),
  'ssh-command-invalid-options': command({ command: 'x', retry: { maximumAttempts: 0 } }),
  'ssh-command-retried': command({ command: 'busy at first', retry: { initialInterval: '1s' }, deadline: '1h' }),
  'ssh-command-cancelled': { ...command({ command: 'hang', heartbeatTimeout: '5s' }), cancel: true },
  'ssh-command-once': command({ command: 'switch over', once: true, timeouts: { run: '1m' } }),
  'ssh-command-once-cancelled': { ...command({ command: 'hang', once: true, heartbeatTimeout: '5s' }), cancel: true },
  'ssh-job-success': job({ command: './migrate.sh', lease: '1h', env: { A: 'b' } }),
  'ssh-job-failure': job({ command: 'fail' }),
  'ssh-job-invalid-options': job({ command: 'x', lease: '1s' }),
  'ssh-job-polled': job({ command: './migrate.sh', follow: 'poll', pollInterval: '1s' }),
  'ssh-job-cancelled': { ...job({ command: 'hang', heartbeatTimeout: '5s' }), cancel: true },
  'ssh-job-attached': job({ id: 'nightly' }),
  'jobs-in-turn': { workflow: 'jobsInTurn', args: [['build', 'test']] },
  'wait-reachable': { workflow: 'waitForBox', args: [{ every: '1s', timeouts: { banner: '1m' } }] },
  'wait-deadline': { workflow: 'waitForBox', args: [{ deadline: '2s', notBootId: 'never' }] },
  'wait-deadline-in-look': { workflow: 'waitForBox', args: [{ deadline: '3s', notBootId: 'hang' }] },
  'healthy-success': { workflow: 'healthyBox', args: ['probe', { every: '1s', soak: '1s' }] },
  'healthy-deadline': { workflow: 'healthyBox', args: ['fail', { deadline: '2s' }] },
  'reboot-success': { workflow: 'rebootBox', args: [{ command: ['reboot'], delay: '1s' }] },
  'reboot-command-failed': { workflow: 'rebootBox', args: [{ command: 'fail' }] },
  'release-success': { workflow: 'release', args: [STEPS] },
  'release-undone': { workflow: 'release', args: [[...STEPS, { command: 'fail', undo: 'clean up' }]] },
  'release-undo-failed': { workflow: 'release', args: [[{ command: 'stop', undo: 'fail' }], 'throw'] },
  'gate-held': { workflow: 'held', args: ['web-1', { timeout: '1h', gate: { idle: 500 } }, 'install'] },
  'gate-held-failure': { workflow: 'held', args: ['web-2', {}, 'fail'] },
  'gate-held-cancelled': { workflow: 'held', args: ['web-3', {}, 'hang'], cancel: true },
  // Of what `gate-held` has started, when it has ended.
  'ssh-host-gate/web-1': { workflow: 'sshHostGate', args: [] },
  'release-cancelled': { workflow: 'release', args: [STEPS, 'wait'], cancel: true },
};

/** Waits until a workflow has nothing left to do before its cancellation: its steps are through, or the last one runs. */
async function untilWaiting(handle: WorkflowHandle, { workflow }: Recording): Promise<void> {
  for (;;) {
    const { events } = await handle.fetchHistory();
    const done = (events ?? []).filter((event) => event.activityTaskCompletedEventAttributes).length;
    const { raw } = await handle.describe();
    const [pending] = raw.pendingActivities ?? [];
    if (workflow === 'release' ? done === STEPS.length && !raw.pendingWorkflowTask : pending?.heartbeatDetails) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Traces hold paths of the machine, and do not matter for a replay. */
function withoutTraces(json: string): string {
  return `${JSON.stringify(JSON.parse(json), (key, value: unknown) => (key === 'stackTrace' ? undefined : value), 2)}\n`;
}

async function main(names: readonly string[]): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const temporal = await startTemporal();
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
      },
      maxHeartbeatThrottleInterval: 100,
    });
    await worker.runUntil(async () => {
      for (const [name, recording] of Object.entries(RECORDINGS)) {
        const file = join(projectRoot(), 'test', 'histories', `${name.replace('/', '-')}.json`);
        if (existsSync(file) || (names.length > 0 && !names.includes(name))) continue;
        const { workflow, args, cancel = false } = recording;
        const handle =
          workflow === 'sshHostGate'
            ? client.workflow.getHandle(name)
            : await client.workflow.start(workflow, { taskQueue: TASK_QUEUE, args: [...args], workflowId: name });
        if (cancel) {
          await untilWaiting(handle, recording);
          await handle.cancel();
        }
        await handle.result().catch(() => undefined);
        writeFileSync(file, withoutTraces(historyToJSON(await handle.fetchHistory())));
        console.log(file);
      }
    });
  } finally {
    await nativeConnection.close();
    await connection.close();
    await temporal.stop();
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  }
);
