import type { CommandRunner } from './command-runner';
import { KEEP_TALKING, STOP_TALKING, answerNonce, hostScript, isTellable, pathWord, plainPath } from './host-script';
import type { HostScript } from './host-script';

/**
 * SHA-256 of the first `length` bytes of a file, or of what there is, as hexadecimal digits, by a program of the host.
 * `undefined`: the host has no such program, runs no commands, or cannot read the file.
 */
export async function hostDigest(runner: CommandRunner, path: string, length: number): Promise<string | undefined> {
  if (!isTellable(path)) return undefined;
  const nonce = answerNonce();
  const { command, stdin } = digestScript(nonce, path, length);
  return parseDigest(nonce, (await runner(command, stdin)).stdout)?.sha256;
}

/**
 * SHA-256 of whole files by path, in one request; what is no regular file that can be read is left out. `undefined`: the
 * host has no program for it, runs no commands, or did not answer to the end.
 */
export async function hostDigests(
  runner: CommandRunner,
  paths: readonly string[]
): Promise<Map<string, string> | undefined> {
  if (paths.length === 0) return new Map();
  const nonce = answerNonce();
  const { command, stdin } = digestsScript(nonce, paths);
  return parseDigests(nonce, (await runner(command, stdin)).stdout, paths);
}

/** The script of {@link hostDigest}. Each 5 s it writes an empty line to stderr: a large file takes its time. */
export function digestScript(nonce: string, path: string, length: number): HostScript {
  const word = pathWord(path);
  return hostScript(
    nonce,
    `${CHOOSE_PROGRAM}
if ! [ "$program" ]; then echo; echo ${nonce} none; return; fi
if [ -e ${word} ] && ! [ -f ${word} ]; then echo; echo "${nonce} error Not a regular file"; return; fi
${KEEP_TALKING}
set -f
if said=$(dd if=${word} of=/dev/null bs=1 count=0 2>&1); then
  if [ "$(echo abc | head -c 2 2>/dev/null)" = ab ]; then
    sum=$(head -c ${length} <${word} | digest 2>/dev/null)
  else
    sum=$({ dd bs=65536 count=${Math.floor(length / 65_536)}; dd bs=1 count=${length % 65_536}; } <${word} 2>/dev/null | digest 2>/dev/null)
  fi
  echo; echo "${nonce} sha256 $sum"
else
  echo; printf '%s ' ${nonce} error $said; echo
fi
${STOP_TALKING}`
  );
}

/** What the script of {@link digestScript} answered; `undefined` where it did not. */
export function parseDigest(
  nonce: string,
  stdout: string
): { readonly sha256?: string; readonly error?: string; readonly program: boolean } | undefined {
  for (const line of stdout.split('\n')) {
    if (!line.startsWith(`${nonce} `)) continue;
    const [, kind, rest] = /^(\S+) ?(.*)$/.exec(line.slice(nonce.length + 1)) ?? [];
    if (kind === 'none') return { program: false };
    if (kind === 'error') return { error: (rest ?? '').trim(), program: true };
    const sha256 = /^[0-9a-f]{64}\b/.exec(rest ?? '')?.[0];
    if (kind === 'sha256' && sha256) return { sha256, program: true };
  }
  return undefined;
}

/** The script of {@link hostDigests}. Each 5 s it writes an empty line to stderr. */
export function digestsScript(nonce: string, paths: readonly string[]): HostScript {
  const lines: string[] = [];
  let batch: string[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (batch.length > 0) lines.push(`batch ${batch.join(' ')}`);
    [batch, bytes] = [[], 0];
  };
  for (const [index, path] of paths.entries()) {
    if (!isTellable(path)) continue;
    if (isEscaped(path)) {
      lines.push(`single ${index} ${pathWord(path)}`);
      continue;
    }
    batch.push(pathWord(path));
    bytes += Buffer.byteLength(path);
    if (bytes > MAX_BATCH_BYTES || batch.length >= MAX_BATCH_FILES) flush();
  }
  flush();
  return hostScript(
    nonce,
    `${CHOOSE_PROGRAM}
echo
if ! [ "$program" ]; then echo ${nonce} none; return; fi
batch() {
  for f do
    shift
    [ -f "$f" ] && [ -r "$f" ] && set -- "$@" "$f"
  done
  [ $# -eq 0 ] || digest "$@" 2>/dev/null
}
single() { [ -f "$2" ] && [ -r "$2" ] && sum=$(digest <"$2" 2>/dev/null) && echo "@$1 $sum"; }
${KEEP_TALKING}
echo ${nonce} begin
${lines.join('\n')}
${STOP_TALKING}
echo ${nonce} end`
  );
}

/** What the script of {@link digestsScript} answered; `undefined` where it had no program or did not come to its end. */
export function parseDigests(nonce: string, stdout: string, paths: readonly string[]): Map<string, string> | undefined {
  const lines = stdout.split('\n');
  const begin = lines.indexOf(`${nonce} begin`);
  const end = lines.indexOf(`${nonce} end`);
  if (begin === -1 || end < begin) return undefined;
  const printed = new Map(paths.map((path) => [plainPath(path), path]));
  const sums = new Map<string, string>();
  for (const line of lines.slice(begin + 1, end)) {
    const single = /^@(\d+) ([0-9a-f]{64})\b/.exec(line);
    const [, sha256, name] = single ? [, single[2], undefined] : (/^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? []);
    const path = single ? paths[Number(single[1])] : name === undefined ? undefined : printed.get(name);
    if (path !== undefined && sha256 !== undefined) sums.set(path, sha256);
  }
  return sums;
}

/** Programs escape such names in what they print, each in its own way: those files are read through stdin. */
function isEscaped(path: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\x00-\x1f\x7f\\]/.test(path);
}

// Every system takes this much as arguments, beside an environment.
const MAX_BATCH_BYTES = 32_768;
// The shell goes through a batch in steps of its length.
const MAX_BATCH_FILES = 200;

// A program that is there need not run: `shasum` has no Perl on some hosts.
const CHOOSE_PROGRAM = `program=
for program in 'sha256sum' 'shasum -a 256' 'openssl dgst -r -sha256' ''; do
  case $(echo abc | eval "$program" 2>/dev/null) in
    edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb*) break ;;
  esac
done
digest() { eval "$program"' "$@"'; }`;
