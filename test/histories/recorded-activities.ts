import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { SshExecInput, SshHealthyInput, SshJobInput, SshJobReference, SshReachableInput } from '../../contract';

const DETAILS = { stage: 'run', host: 'web-1', address: '192.0.2.1', port: 22, elapsedMs: 7 } as const;

/** Does what its command says. */
export async function sshExec({ command }: SshExecInput): Promise<unknown> {
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
export async function sshJob({ command = 'attach', id, follow }: SshJobInput): Promise<unknown> {
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

export async function sshJobCancel({ id }: SshJobReference): Promise<unknown> {
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
export async function sshReachable({ host, notBootId }: SshReachableInput): Promise<unknown> {
  const { attempt } = Context.current().info;
  if (attempt < 3 || notBootId === 'never') {
    if (attempt > 1 && notBootId === 'hang') await sshExec({ host, command: 'hang' });
    throw notYet('SshConnectRefused', 'refused the TCP connection');
  }
  return { host, hostKeyFingerprint: 'SHA256:key', bootId: notBootId === undefined ? 'boot-1' : 'boot-2', attempt };
}

/** As {@link sshExec}; healthy at the third look. */
export async function sshHealthy({ host, command }: SshHealthyInput): Promise<unknown> {
  const { attempt } = Context.current().info;
  if (attempt < 3 || command === 'fail') throw notYet('SshUnhealthy', 'was found unhealthy');
  return { host, looks: attempt, healthyForMs: 0, exitCode: 0, stdout: '' };
}


/** All transfers. */
export async function transferred({ host }: { readonly host: string }): Promise<unknown> {
  return Promise.resolve({ host, path: '/x', bytes: 1, changed: true, attempt: Context.current().info.attempt });
}
