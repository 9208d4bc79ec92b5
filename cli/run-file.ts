import { open } from 'node:fs/promises';
import type { SshRunKind } from '../client';
import { maintenanceProblems, rolloutProblems, runbookProblems } from '../contract';
import type { OptionProblem, SshMaintenance, SshRollout, SshRunbook } from '../contract';
import { parseHostsText } from '../ssh/hosts/hosts-text';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';

/** The most that a file may have. */
export const MAX_RUN_FILE_BYTES = 1024 * 1024;

/** What a file of each kind holds. */
export interface RunDefinitions {
  readonly runbook: SshRunbook;
  readonly rollout: SshRollout;
  readonly maintenance: SshMaintenance;
}

/** What the command line says in place of the file. */
export interface RunOverrides {
  readonly env?: Readonly<Record<string, string>>;
  readonly host?: readonly string[];
}

const PROBLEMS: Readonly<Record<SshRunKind, (value: unknown) => readonly OptionProblem[]>> = {
  runbook: runbookProblems,
  rollout: rolloutProblems,
  maintenance: maintenanceProblems,
};

/**
 * Reads and checks a file, `-` for the standard input.
 *
 * @throws CliError with every problem at once, each with its line and column
 */
export async function readRunFile<Kind extends SshRunKind>(
  file: string,
  kind: Kind,
  overrides: RunOverrides = {}
): Promise<RunDefinitions[Kind]> {
  const shown = file === '-' ? '<stdin>' : file;
  return parseRunFile(await readBounded(file, shown), { file: shown, kind, overrides });
}

/** As {@link readRunFile}, of text. */
export function parseRunFile<Kind extends SshRunKind>(
  text: string,
  { file, kind, overrides = {} }: { readonly file: string; readonly kind: Kind; readonly overrides?: RunOverrides }
): RunDefinitions[Kind] {
  const parsed = parseHostsText(text);
  const value = overridden(parsed.value, overrides);
  const found = parsed.whole
    ? PROBLEMS[kind](value).map(({ option, expected, found }) => {
        const path = option === kind ? '' : option;
        const message = `${path === '' ? '' : `${path}: `}expected ${expected}, found ${found}`;
        return parsed.place({ path: pathOf(path), message, onKey: found.startsWith('an unknown ') });
      })
    : [];
  const problems = [...parsed.problems, ...found].sort((a, b) => a.offset - b.offset);
  if (problems.length === 0) return value as RunDefinitions[Kind];
  const lines = problems.map(({ offset, message }) => {
    const { line, column } = parsed.position(offset);
    return `${file}:${line}:${column}: ${message}`;
  });
  throw new CliError(lines.join('\n'), EXIT.config);
}

function pathOf(option: string): string[] {
  return option === ''
    ? []
    : option
        .replaceAll(/\[(\d+)\]/g, '.$1')
        .replace(/^\./, '')
        .split('.');
}

function overridden(value: unknown, { env, host }: RunOverrides): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = (value as { readonly env?: unknown }).env;
  const mergeable = given === undefined || (typeof given === 'object' && given !== null && !Array.isArray(given));
  return {
    ...value,
    ...(env && mergeable && { env: { ...given, ...env } }),
    ...(host && { hosts: host }),
  };
}

async function readBounded(file: string, shown: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    const source = file === '-' ? process.stdin : (await open(file)).createReadStream();
    for await (const chunk of source as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      // Leaving the loop closes the source.
      if (bytes > MAX_RUN_FILE_BYTES) break;
    }
  } catch (cause) {
    throw new CliError(`${shown}: ${unreadable(cause as NodeJS.ErrnoException)}`, EXIT.config, { cause });
  }
  if (bytes > MAX_RUN_FILE_BYTES)
    throw new CliError(
      `${shown}: is larger than 1 MiB. Split it, or move what is long to files on the hosts.`,
      EXIT.config
    );
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new CliError(`${shown}: is no UTF-8. Save it as UTF-8.`, EXIT.config, { cause });
  }
}

function unreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file. Name one, or - for the standard input.';
  if (code === 'EISDIR') return 'is a directory. Name a file, or - for the standard input.';
  if (code === 'EACCES') return 'may not be read by you. Look at its permissions.';
  return `cannot be read (${message}). Name another file, or - for the standard input.`;
}
