import { Context } from '@temporalio/activity';
import { checkProblems } from '../contract';
import type { SshCheckInput, SshCheckResult, SshCheckStage } from '../contract';
import { missingPrograms, programCheckCommand } from '../ssh/program-check';
import { attemptLook } from './attempt-look';
import type { LookDependencies } from './attempt-look';
import { countAttempt } from './count-attempt';
import { toApplicationFailure } from './to-application-failure';

/** The activity `sshCheck`. */
export type SshCheck = (input: SshCheckInput) => Promise<SshCheckResult>;

const ANY_EXIT_CODE = Array.from({ length: 256 }, (_, code) => code);
const MAX_OUTPUT_BYTES = 256 * 1024;

/**
 * Makes the activity `sshCheck`: a dry run of everything that a step needs of a host, on a connection of its own, and a look
 * for programs. It changes nothing on the host. What is missing is told in the result; all else fails as a step would.
 */
export function createSshCheck(dependencies: LookDependencies): SshCheck {
  return async function sshCheck(input) {
    const context = Context.current();
    return countAttempt(dependencies.telemetry, async () => check(dependencies, context, input));
  };
}

async function check(dependencies: LookDependencies, context: Context, input: SshCheckInput): Promise<SshCheckResult> {
  const { attempt, retryPolicy } = context.info;
  const { target, result, configMs } = await attemptLook(dependencies, {
    context,
    input,
    problems: checkProblems(input),
    request: () => ({
      command: programCheckCommand(input.programs ?? []),
      okExitCodes: ANY_EXIT_CODE,
      maxOutputBytes: MAX_OUTPUT_BYTES,
    }),
    fresh: true,
    heartbeat: (phase) => ({ phase }),
    failed: (error) => toApplicationFailure(error, { idempotent: true, attempt, retryPolicy }),
  });
  const { host, hostKeyFingerprint, stages, stdout } = result;
  const stage = (name: SshCheckStage['stage'], ms: number): SshCheckStage => ({ stage: name, ms, ok: true });
  return {
    host,
    hostKeyFingerprint,
    user: target.user,
    stages: [
      stage('config', configMs),
      stage('connect', stages.connectMs),
      stage('banner', stages.bannerMs),
      stage('kex', stages.kexMs),
      stage('auth', stages.authMs),
    ],
    missing: missingPrograms(input.programs ?? [], stdout),
  };
}
