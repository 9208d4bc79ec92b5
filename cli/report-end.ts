import type { SshExecResult, SshFailure } from '../contract';
import type { ExecFlags } from './exec-command';
import { EXIT, exitCodeOf } from './exit-codes';

/** How the workflow ended. */
export interface CommandEnd {
  readonly workflowId: string;
  readonly result?: SshExecResult;
  readonly failure?: SshFailure;
  readonly interrupted?: true;
  /** Temporal or its workers, not the command. */
  readonly trouble?: string;
}

/** Prints the end of a command; returns the exit code. */
export function reportEnd(end: CommandEnd, { json, quiet }: Pick<ExecFlags, 'json' | 'quiet'>): number {
  const { workflowId, result, failure, interrupted, trouble } = end;
  const exitCode = failure ? exitCodeOf(failure) : interrupted ? EXIT.interrupted : (result?.exitCode ?? EXIT.internal);
  if (json) {
    const ended = failure && { type: failure.type, message: failure.message, details: readable(failure.details) };
    const object = {
      ok: !failure && !interrupted && trouble === undefined,
      exitCode,
      workflowId,
      ...(result && { result: readable(result) }),
      ...(ended && { failure: ended }),
      ...(interrupted && { interrupted }),
      ...(trouble !== undefined && { trouble }),
    };
    process.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
    return exitCode;
  }
  // A command that ended with a failure has its output in the failure's details.
  const output = result ?? outputOf(failure);
  if (output) writeOutput(output, quiet);
  if (failure && failure.type !== 'SshExitStatus') process.stderr.write(`${failure.type}: ${failure.message}\n`);
  if (trouble !== undefined) process.stderr.write(`${workflowId}: ${trouble}\n`);
  if (interrupted) {
    process.stderr.write(`Cancelled: ${workflowId}. The command was asked to end (TERM); a host may ignore that.\n`);
  }
  return exitCode;
}

function outputOf(failure: SshFailure | undefined): SshExecResult | undefined {
  const details = failure?.details as Partial<SshExecResult> | undefined;
  return typeof details?.stdout === 'string' ? (details as SshExecResult) : undefined;
}

function writeOutput(output: SshExecResult, quiet: true | undefined): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const bytes = Buffer.from(output[name], 'base64');
    process[name].write(bytes);
    const all = output[`${name}Bytes`];
    if (bytes.length < all && !quiet) {
      process.stderr.write(
        `${name}: ${bytes.length} of ${all} bytes were kept, from its beginning and its end; see --max-output-bytes\n`
      );
    }
  }
}

/** The output as text where it is text. */
function readable<T extends object | undefined>(value: T): T {
  const output = value as (Partial<SshExecResult> & object) | undefined;
  if (typeof output?.stdout !== 'string' || typeof output.stderr !== 'string') return value;
  const [stdout, stderr] = [Buffer.from(output.stdout, 'base64'), Buffer.from(output.stderr, 'base64')];
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return { ...value, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), outputEncoding: 'utf8' };
  } catch {
    return { ...value, outputEncoding: 'base64' };
  }
}
