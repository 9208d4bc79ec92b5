import { randomBytes } from 'node:crypto';
import type { SshDeadlines, SshExecResult } from '../../contract';
import type { ExecConsumer } from '../exec-consumer';
import { ExecFault } from '../exec-fault';
import { execOnPool } from '../pool/exec-on-pool';
import type { ConnectionPool } from '../pool/connection-pool';
import { StageClock } from '../stage-clock';
import type { SshTarget } from '../target';
import { BecomeDialogue, becomeCommand } from './become-dialogue';
import { hostSideScript } from './host-side-script';
import { JobAnswer } from './job-answer';
import type { AnswerFollower, AnswerShape } from './job-answer';
import type { JobClientOptions } from './job-client';
import { jobCommand, jobPayload } from './job-payload';
import type { PayloadVariables } from './job-payload';
import type { JobStatusLine } from './job-status';

/** One request to the host's program. */
export interface JobExchange {
  readonly shape: AnswerShape;
  readonly variables: PayloadVariables;
  readonly follower?: AnswerFollower;
  readonly limits: Pick<SshDeadlines, 'run' | 'idle'>;
}

/** What came back: every status, in order, and whose host it was. */
export interface JobExchangeResult {
  readonly statuses: readonly JobStatusLine[];
  readonly hostKeyFingerprint: string;
}

// Of stderr only; the streams of jobs are not kept.
const KEPT_BYTES = 4_096;

/**
 * Makes one exec request on a connection of the pool, and reads the answer of the host's program.
 *
 * @throws {@link SshError} for every failure, and the signal's reason when aborted
 */
export async function exchange(
  pool: ConnectionPool,
  target: SshTarget,
  options: JobClientOptions,
  { shape, variables, follower, limits }: JobExchange
): Promise<JobExchangeResult> {
  const { connect, banner, kex, auth, channel, exec } = options.deadlines;
  const deadlines: SshDeadlines = { connect, banner, kex, auth, channel, exec, ...limits };
  const nonce = randomBytes(16).toString('hex');
  const payload = jobPayload(
    target.name,
    { nonce, root: jobRoot(target, options), proc: '', bootfile: '', ...variables },
    hostSideScript()
  );
  // Made anew where the pool tries a second connection: nothing of the first may be left in it.
  let answer = new JobAnswer(target.name, nonce, shape, follower);
  const plan = requestPlan(target, options, nonce, payload);
  const consumer: ExecConsumer = {
    onOpen: (stdin) => {
      answer = new JobAnswer(target.name, nonce, shape, follower);
      plan.onOpen(stdin);
    },
    onStdout: (chunk) => {
      plan.dialogue?.onStdout(chunk);
      return answer.onStdout(chunk);
    },
    onStderr: (chunk) => {
      plan.dialogue?.onStderr(chunk);
      answer.onStderr(chunk);
    },
    onEnd: (exitCode) => {
      plan.dialogue?.onEnd(exitCode);
      answer.onEnd(exitCode);
    },
  };
  const { command } = plan;
  const request = {
    command,
    pty: false,
    okExitCodes: [0],
    maxOutputBytes: KEPT_BYTES,
    outputEncoding: 'utf8',
  } as const;
  const { signal, observer } = options;
  const result: SshExecResult = await execOnPool(
    pool,
    target,
    { ...request, consumer },
    { deadlines, ...(signal && { signal }), ...(observer && { observer }) }
  );
  return { statuses: answer.statuses, hostKeyFingerprint: result.hostKeyFingerprint };
}

/** Each user has a directory of its own, which is closed to all others. */
function jobRoot({ jobDirectory }: SshTarget, { become }: JobClientOptions): string | undefined {
  return jobDirectory && become ? `${jobDirectory}.${become.user ?? 'root'}` : jobDirectory;
}

interface RequestPlan {
  readonly command: string;
  readonly dialogue?: BecomeDialogue;
  readonly onOpen: NonNullable<ExecConsumer['onOpen']>;
}

function requestPlan(
  target: SshTarget,
  { become, deadlines }: JobClientOptions,
  nonce: string,
  payload: string
): RequestPlan {
  if (!become) return { command: jobCommand(nonce), onOpen: (stdin) => stdin.end(`${nonce}\n${payload}`) };
  const dialogue = new BecomeDialogue(nonce, target.becomePassword, payload);
  try {
    return {
      command: becomeCommand(become.user ?? 'root', nonce),
      dialogue,
      onOpen: (stdin) => dialogue.onOpen(stdin),
    };
  } catch (error) {
    if (!(error instanceof ExecFault)) throw error;
    throw new StageClock(target, deadlines).failure(error.type, { stage: 'config', ...error.parts });
  }
}
