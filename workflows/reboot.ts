import { ApplicationFailure } from '@temporalio/common';
import { sleep } from '@temporalio/workflow';
import {
  DURATION_EXPECTED,
  commandProblem,
  parseDuration,
  reachableProblems,
  sshFailureOf,
  show,
  stepProblems,
} from '../contract';
import type { SshExecOptions, SshFailureType, SshHostDefaults, SshRebootOptions, SshRebootResult } from '../contract';
import { invalidOptions, requireObject } from './invalid-options';
import { waitUntilReachable } from './wait-until-reachable';

/** What {@link reboot} does a reboot with. */
export interface RebootHost {
  readonly name: string;
  readonly defaults: SshHostDefaults;
  exec(command: string | readonly string[], options: SshExecOptions): Promise<unknown>;
}

const DEFAULT_DEADLINE = '15m';
const DEFAULT_COMMAND = 'shutdown -r now';

/** How a command ends whose host goes down under it. Whether it did, the boot id tells. */
const EXPECTED: readonly SshFailureType[] = [
  'SshOutcomeUnknown',
  'SshConnectionLost',
  'SshDisconnected',
  'SshExitStatusMissing',
  'SshExitSignal',
];

/** Reboots a host, in three activities: `sshReachable` for the boot id, `sshExec`, `sshReachable` for another one. */
export async function reboot(
  { name, defaults, exec }: RebootHost,
  options: SshRebootOptions
): Promise<SshRebootResult> {
  requireObject(`reboot on ${name}`, 'options', name, options);
  checkOptions(name, options);
  const { command = DEFAULT_COMMAND, delay, deadline = DEFAULT_DEADLINE, every, ...more } = options;
  const look = { ...more, deadline, ...(every !== undefined && { every }) };
  const before = await waitUntilReachable(name, defaults, { ...look, summary: 'boot id' });
  if (before.bootId === '') {
    throw failure(
      'SshConfigUnsupported',
      name,
      false,
      `${name} has no boot id, by which a reboot could be told. Nothing was sent.`
    );
  }
  try {
    await exec(command, { ...more, deadline, summary: 'reboot' });
  } catch (error) {
    const { type, details } = sshFailureOf(error) ?? {};
    if (type === undefined || !EXPECTED.includes(type) || !details?.commandMayHaveRun) throw error;
  }
  const delayMs = parseDuration(delay);
  if (delayMs !== undefined) await sleep(delayMs);
  const after = await waitUntilReachable(name, defaults, {
    ...look,
    notBootId: before.bootId,
    summary: 'wait for the reboot',
  });
  if (after.hostKeyFingerprint !== before.hostKeyFingerprint) {
    const message =
      `${name} shows the host key ${after.hostKeyFingerprint} after its reboot, and had ${before.hostKeyFingerprint} before: ` +
      "another host may have its address. Verify the new key on the host's console.";
    throw failure('SshHostKeyMismatch', name, true, message);
  }
  const { hostKeyFingerprint } = after;
  return { host: name, bootIdBefore: before.bootId, bootIdAfter: after.bootId, hostKeyFingerprint };
}

/** All of them at once, before anything is scheduled. */
function checkOptions(name: string, options: SshRebootOptions): void {
  const { command = DEFAULT_COMMAND, delay, deadline, heartbeatTimeout, taskQueue, ...others } = options;
  const wrong = commandProblem(command);
  const problems = [
    ...(wrong ? [{ option: 'command', ...wrong }] : []),
    ...(delay === undefined || parseDuration(delay) !== undefined
      ? []
      : [{ option: 'delay', expected: DURATION_EXPECTED, found: show(delay) }]),
    ...(['host', 'notBootId'] as const)
      .filter((option) => option in others)
      .map((option) => ({
        option,
        expected: 'one of command, deadline, delay, every, timeouts',
        found: 'an unknown option',
      })),
    ...reachableProblems({ ...others, host: name }),
    ...stepProblems({ deadline, heartbeatTimeout, taskQueue }),
  ];
  if (problems.length > 0) throw invalidOptions(`reboot on ${name}`, name, problems);
}

function failure(type: SshFailureType, host: string, commandMayHaveRun: boolean, message: string): ApplicationFailure {
  const stage = type === 'SshHostKeyMismatch' ? 'kex' : 'config';
  return ApplicationFailure.nonRetryable(message, type, { stage, host, elapsedMs: 0, commandMayHaveRun });
}
