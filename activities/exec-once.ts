import type { Context } from '@temporalio/activity';
import { DEFAULT_MAX_OUTPUT_BYTES, execProblems } from '../contract';
import type { SshExecInput, SshExecResult, SshStageDurations } from '../contract';
import { OutputCollector } from '../ssh/output-collector';
import { renderOutput } from '../ssh/render-output';
import { fitResult } from './fit-result';
import { attemptJob } from './job-attempt';
import type { JobDependencies } from './job-dependencies';
import { failureTails } from './job-ended';
import { jobRequest } from './job-request';

/**
 * Executes a command as a job with the id `once`, so that it runs at most once however many attempts it takes, and each
 * of them finds its result. Its whole output is read anew by each.
 */
export async function execOnce(
  dependencies: JobDependencies,
  context: Context,
  input: SshExecInput
): Promise<SshExecResult> {
  const { host, once: id = '', command, env, cwd, stdin, timeouts, outputEncoding = 'utf8' } = input;
  const { okExitCodes = [0], maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES } = input;
  const startedAt = performance.now();
  const stages: Record<string, number> = {};
  let current: { stage: string; startedAt: number } | undefined;
  const stageBegins = (stage?: string): void => {
    if (current) stages[`${current.stage}Ms`] = Math.round(performance.now() - current.startedAt);
    current = stage === undefined ? undefined : { stage, startedAt: performance.now() };
  };
  const reference = { host, id, ...(timeouts && { timeouts }) };
  const options = {
    context,
    input: reference,
    problems: execProblems(input),
    cancelEndsJob: true,
    observer: { onStage: stageBegins },
  };
  return attemptJob(dependencies, options, async (attempt) => {
    const { client, target, deadlines } = attempt;
    const [stdout, stderr] = [new OutputCollector(maxOutputBytes), new OutputCollector(maxOutputBytes)];
    const request = jobRequest({
      id,
      command,
      ...(env && { env }),
      ...(cwd !== undefined && { cwd }),
      ...(stdin !== undefined && { stdin }),
      ...(deadlines.run !== undefined && { deadline: deadlines.run }),
    });
    const report = await client.run(request, {
      cursor: { stdout: 0, stderr: 0 },
      onBytes: (stream, _offset, bytes) => {
        (stream === 'stdout' ? stdout : stderr).push(bytes);
        attempt.progress = { phase: 'run', stdoutBytes: stdout.bytes, stderrBytes: stderr.bytes };
      },
    });
    stageBegins();
    const [out, err] = [stdout.finish(), stderr.finish()];
    const [outText, errText] = [renderOutput(out, outputEncoding), renderOutput(err, outputEncoding)];
    const { status, hostKeyFingerprint } = report;
    const cleanedUp = status.state === 'gone';
    const result: SshExecResult = fitResult(
      {
        host,
        hostKeyFingerprint,
        exitCode: status.exitCode ?? -1,
        signal: status.signal ?? null,
        stdout: outText.text,
        stderr: errText.text,
        stdoutBytes: Math.max(out.bytes, status.stdoutBytes),
        stderrBytes: Math.max(err.bytes, status.stderrBytes),
        stdoutSha256: out.sha256,
        stderrSha256: err.sha256,
        truncated: outText.truncated || errText.truncated || cleanedUp,
        invalidUtf8: outText.invalidUtf8 || errText.invalidUtf8,
        stages: { ...NO_STAGES, ...stages },
        reused: stages['connectMs'] === undefined,
        attempt: context.info.attempt,
      },
      outputEncoding
    );
    const elapsedMs = Math.round(performance.now() - startedAt);
    const tails = failureTails(out.tail, err.tail);
    const failure = dependencies.jobFailure(report, { target, okExitCodes, elapsedMs, ...tails });
    if (failure) {
      attempt.result = result;
      throw failure;
    }
    if (!cleanedUp) dependencies.janitor.done({ host, id }, context.log);
    return result;
  });
}

const NO_STAGES: SshStageDurations = {
  connectMs: 0,
  bannerMs: 0,
  kexMs: 0,
  authMs: 0,
  channelMs: 0,
  execMs: 0,
  runMs: 0,
};
