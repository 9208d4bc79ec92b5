import { StageClock } from '../stage-clock';
import type { SshError } from '../ssh-error';
import type { SshFailureType } from '../../contract';
import { cleanServerText } from '../server-text';
import type { AnswerFollower, AnswerShape } from './job-answer';
import { exchange } from './job-channel';
import type { JobExchangeResult } from './job-channel';
import type { CreateJobClient, JobFollower, JobReport, JobRequest } from './job-client';
import { exportLines } from './job-payload';
import type { PayloadVariables } from './job-payload';
import { specDigest } from './spec-digest';

// The host's program says something each 5 s while it follows.
const FOLLOW_IDLE_MS = 30_000;
const ANSWER_MS = 60_000;
const MAX_REASON = 100;
const IO_CLASSES = { realtime: 1, 'best-effort': 2, idle: 3 } as const;

/** Makes a client for the jobs of one host, whose requests go over the pool's connections. */
export const createJobClient: CreateJobClient = (pool, target, options) => {
  const failure = (type: SshFailureType, what: string): SshError =>
    new StageClock(target, options.deadlines).failure(type, { what, stage: 'run' });

  const ask = (
    op: string,
    variables: PayloadVariables,
    {
      shape = 'status',
      follower,
      runMs = ANSWER_MS,
    }: { shape?: AnswerShape; follower?: AnswerFollower; runMs?: number } = {}
  ): Promise<JobExchangeResult> => {
    const limits = op === 'run' || op === 'follow' ? { idle: FOLLOW_IDLE_MS } : { run: runMs };
    const request = { shape, variables: { op, ...variables }, limits, ...(follower && { follower }) };
    return exchange(pool, target, options, request);
  };

  const report = ({ statuses, hostKeyFingerprint }: JobExchangeResult): JobReport => {
    const [first, last] = [statuses[0], statuses.at(-1)];
    // The answer was complete, which it is not without a status.
    if (!first || !last) throw failure('SshProtocolError', 'broke the protocol of jobs: an answer without a status');
    return { ...last, started: first.started, hostKeyFingerprint };
  };

  const found = (answer: JobReport): JobReport => {
    if (answer.status.state !== 'absent') return answer;
    throw failure('SshJobNotFound', `knows no job ${answer.status.id}`);
  };

  const startVariables = (request: JobRequest): PayloadVariables => ({
    ids: request.id,
    digest: specDigest(request, options.become && (options.become.user ?? 'root')),
    script: request.script,
    shell: request.shell,
    env: exportLines(request.env),
    cwd: request.cwd,
    umask: request.umask,
    stdin: request.stdin,
    has_stdin: flag(request.stdin !== undefined),
    nice: request.nice,
    ioclass: request.ioClass && IO_CLASSES[request.ioClass],
    deadline: seconds(request.deadlineMs),
    lease: seconds(request.leaseMs),
    maxlog: request.maxLogBytes,
    grace: seconds(request.graceMs),
    boot: request.bootId,
  });

  const followVariables = ({ cursor, sums = false }: JobFollower): PayloadVariables => ({
    out: cursor.stdout,
    err: cursor.stderr,
    sums: flag(sums),
  });

  return {
    run: async (request, follower) => {
      const variables = { ...startVariables(request), ...followVariables(follower) };
      return report(await ask('run', variables, { shape: 'follow', follower }));
    },
    start: async (request) => report(await ask('start', startVariables(request))),
    follow: async (id, follower) =>
      found(report(await ask('follow', { ids: id, ...followVariables(follower) }, { shape: 'follow', follower }))),
    status: async (id) => report(await ask('status', { ids: id })),
    list: async () => (await ask('list', { ids: '' }, { shape: 'list' })).statuses.map(({ status }) => status),
    log: async (id, { stream, from, length }) => {
      const chunks: Buffer[] = [];
      let start: number | undefined;
      const follower: AnswerFollower = {
        onBytes: (_, offset, bytes) => {
          start ??= offset;
          chunks.push(bytes);
        },
      };
      const variables = { ids: id, stream: stream === 'stdout' ? 'out' : 'err', from, length };
      const answer = report(await ask('log', variables, { shape: 'follow', follower }));
      found(answer);
      const { stdoutBytes, stderrBytes } = answer.status;
      const size = stream === 'stdout' ? stdoutBytes : stderrBytes;
      const asked = from < 0 ? Math.max(0, size + from) : from;
      return { from: start ?? Math.min(asked, size), bytes: Buffer.concat(chunks), report: answer };
    },
    cancel: async (id, { reason = '', graceMs, why = 'cancel' }) => {
      // It comes back as it is in a line of words.
      const told = encodeURIComponent(cleanServerText(reason, MAX_REASON));
      const variables = { ids: id, why, reason: told, grace: seconds(graceMs) };
      return report(await ask('cancel', variables, { runMs: graceMs + ANSWER_MS }));
    },
    cleanUp: async (ids) => {
      if (ids.length > 0) await ask('cleanup', { ids: ids.join(' ') }, { shape: 'list' });
    },
    sweep: async ({ successMs, failureMs, tombstoneMs }) => {
      const ages = { success: seconds(successMs), failure: seconds(failureMs), tomb: seconds(tombstoneMs) };
      const { success, failure: failed, tomb } = ages;
      await ask('sweep', { ids: '', age_success: success, age_failure: failed, age_tomb: tomb }, { shape: 'list' });
    },
  };
};

function seconds(ms: number): number;
function seconds(ms: number | undefined): number | undefined;
function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.ceil(ms / 1000);
}

function flag(set: boolean): string {
  return set ? '1' : '';
}
