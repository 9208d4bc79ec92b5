import { ApplicationFailure } from '@temporalio/common';
import { sshFailureOf, stepKindOf } from '../../contract';
import type {
  SshExecOptions,
  SshHostDefaults,
  SshJobOptions,
  SshRunbookStep,
  SshRunbookStepBase,
  SshRunbookUndo,
} from '../../contract';
import { sshHost } from '../ssh-host';
import type { SshHost } from '../ssh-host';
import { startTransfer } from '../start-transfer';
import type { StepOutput } from './step-output';

/** What all steps of a run are given. */
export interface StepDefaults {
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: SshHostDefaults;
}

type Base = Record<keyof SshRunbookStepBase, unknown>;
const BASE: Readonly<Record<keyof Base, true>> = {
  ...{ name: true, hosts: true, atOnce: true, when: true, undo: true, onFailure: true, onUnknown: true, verify: true },
};

/** What of a step is for its command, beside the command. */
function ownOptions(step: SshRunbookStep, field: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(step).filter(([name]) => name !== field && !Object.hasOwn(BASE, name)));
}

function hostFor(name: string, { env, defaults = {} }: StepDefaults): SshHost {
  return sshHost(name, { ...defaults, ...(env && { env: { ...env, ...defaults.env } }) });
}

/**
 * Does what a step says on one host.
 *
 * @throws what the helper of that kind throws
 */
export async function actOnHost(step: SshRunbookStep, name: string, given: StepDefaults): Promise<StepOutput> {
  const host = hostFor(name, given);
  const summary = step.name;
  if ('exec' in step) {
    const options = ownOptions(step, 'exec') as SshExecOptions;
    return host.exec(step.exec, { summary, ...options });
  }
  if ('job' in step) {
    const options = ownOptions(step, 'job') as SshJobOptions;
    // A job that may take days holds neither a connection nor a slot, unless told to.
    return host.job(step.job, { summary, follow: 'poll', ...options });
  }
  const transfer = startTransfer(step, host, { summary });
  if (transfer) {
    await transfer;
    return {};
  }
  if ('healthy' in step) return host.untilHealthy(step.healthy, { summary, ...ownOptions(step, 'healthy') });
  if ('reachable' in step) {
    await host.waitUntilReachable({ summary, ...ownOptions(step, 'reachable') });
    return {};
  }
  if ('reboot' in step) {
    const command = step.reboot === true ? {} : { command: step.reboot };
    await host.reboot({ ...command, ...ownOptions(step, 'reboot') });
    return {};
  }
  throw ApplicationFailure.nonRetryable(`${String(stepKindOf(step))} has no host`, 'SshInvalidOptions');
}

const ANY_EXIT_CODE = Array.from({ length: 256 }, (_, code) => code);

/** What the command `verify` of a step tells: whether the step did its work, or that it cannot tell. */
export async function verifyOnHost(
  step: SshRunbookStep,
  name: string,
  given: StepDefaults
): Promise<'ran' | 'did-not-run' | undefined> {
  if (step.verify === undefined) return undefined;
  const options: SshExecOptions = { idempotent: true, okExitCodes: ANY_EXIT_CODE, summary: `verify: ${step.name}` };
  try {
    const { exitCode } = await hostFor(name, given).exec(step.verify, options);
    return exitCode === 0 ? 'ran' : exitCode === 1 ? 'did-not-run' : undefined;
  } catch (error) {
    if (sshFailureOf(error) === undefined) throw error;
    return undefined;
  }
}

/** Undoes a step on one host. */
export async function undoOnHost(undo: SshRunbookUndo, step: string, name: string, given: StepDefaults): Promise<void> {
  const { exec, ...options } = undo;
  await hostFor(name, given).exec(exec, { summary: `undo: ${step}`, ...options });
}
