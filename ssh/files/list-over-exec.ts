import type { ExecHost } from './exec-host';
import { parseFacts, statCommand } from './exec-facts';
import type { StatProgram } from './exec-facts';
import { readOutput } from './read-output';
import type { HostFileEntry } from './host-files';
import { answerNonce, pathWord } from './host-script';

// A path can be no longer on any system, beside its facts.
const MAX_ENTRY_BYTES = 65_536;

/** Everything below a directory, by one `find`. What goes away meanwhile is left out. */
export async function* listOverExec(
  host: ExecHost,
  program: StatProgram,
  directory: string,
  signal?: AbortSignal
): AsyncGenerator<HostFileEntry, void, void> {
  // Names may have line feeds: an entry ends where the next one begins.
  const mark = answerNonce();
  const word = pathWord(directory);
  const script = `[ -e ${word} ] || [ -h ${word} ] || exit 0
[ -d ${word} ] || { echo ': Not a directory' >&2; exit 1; }
ls -d ${word}/. >/dev/null || exit 1
cd ${word} && find . -exec ${statCommand(program, `${mark} `, ' NAME')} {} + && echo ${mark}`;
  const output = readOutput(
    host,
    script,
    (end) => {
      if (end.code !== 0 && !onlyGone(end.stderr)) throw host.refusal(end, directory);
    },
    signal
  );
  const begin = Buffer.from(`${mark} `);
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of output) {
    held = Buffer.concat([held, chunk]);
    for (let next = held.indexOf(begin, 1); next !== -1; next = held.indexOf(begin, 1)) {
      const entry = entryOf(held.subarray(begin.length, next), host, directory);
      held = held.subarray(next);
      if (entry) yield entry;
    }
    if (held.length > MAX_ENTRY_BYTES) throw host.failure('SshTransferFailed', `listed no names: ${directory}`);
  }
  const last = held.indexOf(`${mark}\n`, 1);
  const entry = entryOf(held.subarray(begin.length, last === -1 ? held.length : last), host, directory);
  if (entry) yield entry;
}

function entryOf(bytes: Buffer, host: ExecHost, directory: string): HostFileEntry | undefined {
  const text = bytes.toString('utf8');
  const facts = parseFacts(text);
  const path = /^(?:\S+ ){5}(?:\.\/)?(.*?)\n?$/s.exec(text)?.[1];
  if (!facts || path === undefined || path === '.') return undefined;
  if (Buffer.from(text).equals(bytes)) return { path, facts };
  throw host.failure('SshTransferFailed', `has a name that is not UTF-8, ${JSON.stringify(path)}, below ${directory}`);
}

function onlyGone(stderr: string): boolean {
  const lines = stderr.split('\n').filter((line) => line !== '');
  return lines.length > 0 && lines.every((line) => line.endsWith(': No such file or directory'));
}
