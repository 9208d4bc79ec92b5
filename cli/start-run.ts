import { isGrpcServiceError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { startSshMaintenance, startSshRollout, startSshRunbook } from '../client';
import type { SshRunKind } from '../client';
import { rolloutOptionProblems, runbookOptionProblems } from '../contract';
import type { SshRolloutOptions } from '../contract';
import { argument } from './answer-command';
import { CliError } from './cli-error';
import { connectClient } from './connect-client';
import { EXIT } from './exit-codes';
import { readRunFile } from './run-file';
import type { RunDefinitions } from './run-file';
import type { RunFileFlags } from './run-file-command';
import { watchRun } from './watch-run';

/** Starts a run from a file and shows it; returns the exit code. */
export async function startRun(kind: SshRunKind, file: string, flags: RunFileFlags): Promise<number> {
  const definition = await readRunFile(file, kind, flags);
  const run = runOptions(kind, flags);
  const { client, close } = await connectClient();
  try {
    const { workflowId } = await start(client, kind, definition, { run, flags });
    if (flags.detach) {
      const ids = { workflowId, kind, name: definition.name };
      process.stdout.write(flags.json ? `${JSON.stringify(ids)}\n` : `${workflowId}\n`);
      return EXIT.ok;
    }
    if (!process.stdout.isTTY && !flags.json) process.stdout.write(`started ${workflowId}\n`);
    return await watchRun(client, workflowId, { taskQueue: flags.taskQueue, json: flags.json ?? false });
  } finally {
    await close();
  }
}

/** The options of a run that the command line names. */
export function runOptions(
  kind: SshRunKind,
  { dryRun, gate, done }: Pick<RunFileFlags, 'dryRun' | 'gate' | 'done'>
): SshRolloutOptions {
  const options = { ...(dryRun && { dryRun }), ...(gate ? {} : { gate }), ...(done && { done }) };
  const [problem] = kind === 'rollout' ? rolloutOptionProblems(options) : runbookOptionProblems(options);
  if (!problem) return options;
  const { option, expected, found } = problem;
  throw new CliError(`--${option.replace(/^options\./, '')}: expected ${expected}, found ${found}`, EXIT.usage);
}

async function start(
  client: Client,
  kind: SshRunKind,
  definition: RunDefinitions[SshRunKind],
  { run, flags }: { readonly run: SshRolloutOptions; readonly flags: RunFileFlags }
): Promise<Pick<WorkflowHandle, 'workflowId'>> {
  const { taskQueue, id } = flags;
  const options = { taskQueue, run, ...(id !== undefined && { workflowId: id }) };
  try {
    if (kind === 'runbook') return await startSshRunbook(client, definition as RunDefinitions['runbook'], options);
    if (kind === 'rollout') return await startSshRollout(client, definition as RunDefinitions['rollout'], options);
    return await startSshMaintenance(client, definition as RunDefinitions['maintenance'], options);
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'WorkflowExecutionAlreadyStartedError') {
      const message = `A workflow with the id ${id} runs already. Watch it: temporal-ssh watch ${argument(id ?? '')}`;
      throw new CliError(message, EXIT.usage, { cause });
    }
    if (isGrpcServiceError(cause)) {
      throw new CliError(`Temporal refused the start: ${cause.details}`, EXIT.unavailable, { cause });
    }
    throw cause;
  }
}
