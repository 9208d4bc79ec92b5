import { Context } from '@temporalio/activity';
import { DEFAULT_MAX_OUTPUT_BYTES, jobLogProblems } from '../contract';
import type { SshJobLogInput, SshJobLogResult } from '../contract';
import { incompleteBytes, renderOutput } from '../ssh/render-output';
import { countAttempt } from './count-attempt';
import { attemptJob } from './job-attempt';
import type { JobDependencies } from './job-dependencies';
import { hasEnded } from './job-ended';

/** The activity `sshJobLog`. */
export type SshJobLog = (input: SshJobLogInput) => Promise<SshJobLogResult>;

/** Makes the activity `sshJobLog`: a range of what a job has written, while it runs and after it. */
export function createSshJobLog(dependencies: JobDependencies): SshJobLog {
  return async function sshJobLog(input) {
    const options = { context: Context.current(), input, problems: jobLogProblems(input), cancelEndsJob: false };
    return countAttempt(dependencies.telemetry, async () =>
      attemptJob(dependencies, options, async ({ client }) => {
        const { id, stream = 'stdout', outputEncoding = 'utf8' } = input;
        const { from: asked = 0, length = DEFAULT_MAX_OUTPUT_BYTES } = input;
        const { from, bytes, report } = await client.log(id, { stream, from: asked, length });
        const size = stream === 'stdout' ? report.status.stdoutBytes : report.status.stderrBytes;
        const atEnd = from + bytes.length >= size;
        const ended = hasEnded(report);
        // The rest of a character that is cut comes with the next range.
        const cut = outputEncoding === 'utf8' && !(atEnd && ended) ? incompleteBytes(bytes) : 0;
        const whole = cut < bytes.length ? bytes.subarray(0, bytes.length - cut) : bytes;
        const next = from + whole.length;
        const { text, invalidUtf8 } = renderOutput(
          { head: whole, tail: Buffer.alloc(0), bytes: whole.length },
          outputEncoding
        );
        return { stream, from, next, size, complete: ended && next >= size, text, invalidUtf8 };
      })
    );
  };
}
