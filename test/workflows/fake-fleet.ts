import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { SshExecInput, SshFailureType } from '../../contract';

/** What a fake host does with a command; what it throws the activity throws, a number is the exit code, a text its output. */
export type Behave = (command: string, host: string, attempt: number) => unknown;

/** Activities of hosts that do what a test says, and keep what they were asked for as `host: command`. */
export interface FakeFleet {
  readonly ran: string[];
  readonly activities: object;
}

/** A failure as the activities throw it. */
export function sshFailure(type: SshFailureType, text: string, { ran = true } = {}): ApplicationFailure {
  const details = { stage: 'run', host: 'box', elapsedMs: 1, commandMayHaveRun: ran };
  return ApplicationFailure.nonRetryable(text, type, details);
}

/** Hangs until it is cancelled, and ends then as the activities do. */
export async function hang(): Promise<never> {
  const { heartbeat, cancelled } = Context.current();
  const timer = setInterval(heartbeat, 50);
  return cancelled.finally(() => clearInterval(timer));
}

export function fakeFleet(behave: Behave = () => 0): FakeFleet {
  const ran: string[] = [];
  const run = async ({ host, command, okExitCodes = [0] }: SshExecInput): Promise<object> => {
    const line = typeof command === 'string' ? command : command.join(' ');
    ran.push(`${host}: ${line}`);
    const answer = await behave(line, host, Context.current().info.attempt);
    const exitCode = typeof answer === 'number' ? answer : 0;
    const stdout = typeof answer === 'string' ? answer : '';
    const result = { host, exitCode, signal: null, stdout, stderr: '' };
    if (okExitCodes.includes(exitCode)) return result;
    const details = { ...result, stage: 'run', elapsedMs: 1, commandMayHaveRun: true };
    throw ApplicationFailure.nonRetryable(`${host}: exit code ${exitCode}`, 'SshExitStatus', details);
  };
  let boots = 0;
  const activities = {
    sshExec: run,
    sshJob: run,
    sshJobCancel: async ({ host }: SshExecInput) => ({ host, state: 'done', survivors: [] }),
    sshHealthy: run,
    sshReachable: async ({ host }: SshExecInput) => ({
      host,
      bootId: `boot ${(boots += 1)}`,
      hostKeyFingerprint: 'SHA256:x',
    }),
    sshCheck: async ({ host, programs = [] }: { host: string; programs?: string[] }) => {
      ran.push(`${host}: check ${programs.join(' ')}`);
      const missing = await behave('check', host, 1);
      return { host, missing: typeof missing === 'string' ? [missing] : [] };
    },
    sshListHosts: async () => ({ hosts: [{ name: 'web-1' }, { name: 'web-2' }] }),
  };
  return { ran, activities };
}
