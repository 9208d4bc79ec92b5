import { quoteArgument } from '../../contract';
import type { HostFileFacts, HostFiles } from './host-files';
import type { TransferScope } from './transfer-scope';

/** How a proven part file becomes the file; see `SshPlacing` of the contract. */
export interface Placing {
  /** @default that of the file that is replaced, else {@link newMode} */
  readonly mode?: number;
  readonly newMode: number;
  readonly owner?: string;
  /** In seconds since 1970. */
  readonly mtime?: number;
  readonly backup: boolean;
  readonly validate?: string | readonly string[];
}

/** What is replaced by what. */
export interface Replacement {
  readonly part: string;
  readonly path: string;
  /** What is at the path now. */
  readonly current: HostFileFacts | undefined;
}

/**
 * Gives a part file its attributes, has it validated, keeps the file that it replaces if asked to, and puts it in its
 * place. Until the last step, which happens at once, nothing that others see has changed.
 *
 * @returns where the old file is kept, if it is
 */
export async function placeFile(
  files: HostFiles,
  { part, path, current }: Replacement,
  placing: Placing,
  scope: TransferScope
): Promise<string | undefined> {
  const { mode = current?.mode ?? placing.newMode, mtime, validate, backup } = placing;
  const owner = placing.owner ?? (await keptOwner(files, part, current));
  // The owner first: changing it takes set-user-ID bits away.
  if (owner !== undefined) await files.setAttributes(part, { owner });
  await files.setAttributes(part, { mode, ...(mtime !== undefined && { mtime }) });
  if (validate !== undefined) await requireValid(files, validate, part, scope);
  const kept = backup && current ? await keepOld(files, path) : undefined;
  scope.signal.throwIfAborted();
  await files.replace(part, path);
  return kept;
}

/** Only root can give files away, and then a file should stay its owner's. */
async function keptOwner(
  files: HostFiles,
  part: string,
  current: HostFileFacts | undefined
): Promise<string | undefined> {
  if (!current) return undefined;
  const own = await files.stat(part);
  if (own?.uid !== 0 || (own.uid === current.uid && own.gid === current.gid)) return undefined;
  return `${current.uid}:${current.gid}`;
}

async function keepOld(files: HostFiles, path: string): Promise<string> {
  const stamp = new Date().toISOString().replace(/\.\d+|[-:]/g, '');
  let kept = `${path}.${stamp}.bak`;
  for (let number = 2; await files.stat(kept); number += 1) kept = `${path}.${stamp}-${number}.bak`;
  await files.keep(path, kept);
  return kept;
}

async function requireValid(
  files: HostFiles,
  validate: string | readonly string[],
  part: string,
  { failure }: TransferScope
): Promise<void> {
  const command =
    typeof validate === 'string'
      ? validate.replaceAll('{}', () => quoteArgument(part))
      : validate.map((argument) => quoteArgument(argument.replaceAll('{}', () => part))).join(' ');
  const { exitCode, stdoutTail, stderrTail } = await files.run(command);
  if (exitCode === 0) return;
  const end = exitCode === null ? 'was ended by a signal' : `ended with exit code ${exitCode}`;
  const lastLine = stderrTail.trimEnd().split('\n').at(-1) ?? '';
  throw failure('SshTransferValidateFailed', {
    what: `refused the new file: the validate command ${end}${lastLine && ` ("${lastLine.slice(0, 200)}")`}`,
    ...(exitCode !== null && { exitCode }),
    ...(stdoutTail && { stdoutTail }),
    ...(stderrTail && { stderrTail }),
  });
}
