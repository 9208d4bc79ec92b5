import { quoteShell } from '../job/job-payload';
import type { HostFileAttributes } from './host-files';
import { KEEP_TALKING, STOP_TALKING, pathWord, pathWordInLine } from './host-script';

// Paths come as words: in quotes, and absolute or beginning with `./`, so that no program takes one for an option.
const REGULAR = (word: string): string =>
  `if [ -d ${word} ]; then echo ': Is a directory' >&2; exit 1; elif [ -e ${word} ] && ! [ -f ${word} ]; then echo ': Not a regular file' >&2; exit 1; fi`;

/** Prints the size of a file. `wc -c` of BusyBox would read all of it. */
const SIZE_OF = (word: string): string => `size() { set -- $(ls -lnd ${word}); echo "$5"; }`;

// A failure to reach the disk counts, a `sync` that takes no files does not.
const SYNC = (word: string): string =>
  `said=$(sync ${word} 2>&1) || case $said in *': No space left on device'|*'uota exceeded'|*': Input/output error'|*': Read-only file system') echo "$said" >&2; failed=1;; esac`;

const MAKE_ANEW = (word: string): string => `umask 077; rm -f ${word} || exit 1; set -C; exec 3>${word} || exit 1`;

// Above 0 nobody else may have been able to write to it.
const CONTINUE = (word: string, offset: number): string =>
  [
    `case $(ls -lnd ${word}) in '') exit 1;; -????-??-*) ;; *) echo ': Not a regular file' >&2; exit 1;; esac`,
    `if [ "$(size)" -lt ${offset} ]; then echo 'it is shorter than ${offset} bytes' >&2; exit 1; fi`,
    `if [ "$(size)" -gt ${offset} ]; then dd if=/dev/null of=${word} bs=1 seek=${offset} count=0 2>/dev/null || exit 1; fi`,
    `exec 3>>${word} || exit 1`,
  ].join('; ');

/**
 * Writes stdin to a file. It prints `open` once the file is that, then sizes that the file has: while it grows, each
 * second, and at the end the last one. A space is behind each.
 */
export function writeScript(path: string, offset: number): string {
  const word = pathWordInLine(path);
  const tell = `o=; while sleep 1 </dev/null >/dev/null 2>&1 3>&-; do s=$(size 3>&- 2>/dev/null); [ "$s" = "$o" ] || echo "$s " || exit; o=$s; done`;
  return [
    `set -f; ${SIZE_OF(word)}`,
    offset === 0 ? MAKE_ANEW(word) : CONTINUE(word, offset),
    `echo 'open '; ( ${tell} ) </dev/null 3>&- & teller=$!; cat >&3; ended=$?`,
    `kill -9 $teller 2>/dev/null; exec 3>&-; [ $ended = 0 ] || exit 1`,
    `failed=; ${KEEP_TALKING}; ${SYNC(word)}; ${STOP_TALKING}; [ "$failed" ] && exit 1`,
    'echo "$(size) "',
  ].join('; ');
}

/** Writes stdin to a small file, made anew. */
export function writeWholeScript(path: string): string {
  const word = pathWordInLine(path);
  return `set -f; ${SIZE_OF(word)}; ${MAKE_ANEW(word)}; cat >&3 || exit 1; exec 3>&-; failed=; ${SYNC(word)}; [ "$failed" ] && exit 1; echo "$(size) "`;
}

/** Prints a file from `offset` on. */
export function readScript(path: string, offset: number): string {
  const word = pathWord(path);
  return `${REGULAR(word)}; ${offset === 0 ? 'cat' : `tail -c +${offset + 1}`} ${word}`;
}

export function attributesScript(path: string, { owner, mode, mtime }: HostFileAttributes): string {
  const word = pathWord(path);
  const lines: string[] = [];
  // The owner comes first: a change of it takes away the bits that set user and group.
  if (owner !== undefined) lines.push(`chown -- ${quoteShell(owner)} ${word}`);
  if (mode !== undefined) lines.push(`chmod ${octal(mode)} ${word}`);
  if (mtime !== undefined) lines.push(`TZ=UTC0 touch -c -t ${touchTime(mtime)} ${word}`);
  return lines.join(' && ') || ':';
}

/** A second name, or a copy, which is nowhere to be seen if it is not whole. */
export function keepScript(path: string, as: string): string {
  const [from, to] = [pathWord(path), pathWord(as)];
  return `if [ -e ${to} ] || [ -h ${to} ]; then echo ': File exists' >&2; exit 1; fi
ln ${from} ${to} 2>/dev/null && exit 0
${KEEP_TALKING}
cp -p ${from} ${to}; failed=$?
${STOP_TALKING}
[ $failed = 0 ] || { rm -f ${to}; exit 1; }`;
}

/** `mv` would move the file into a directory. */
export function replaceScript(from: string, to: string): string {
  const word = pathWord(to);
  return `if [ -d ${word} ]; then echo ': Is a directory' >&2; exit 1; fi\nmv -f ${pathWord(from)} ${word}`;
}

export function removeScript(path: string): string {
  return `rm -f ${pathWord(path)}`;
}

export function removeDirectoryScript(path: string): string {
  const word = pathWord(path);
  // Every system has a text of its own for a directory that is not empty.
  return `[ -e ${word} ] || [ -h ${word} ] || exit 0
said=$(rmdir ${word} 2>&1) && exit 0
[ -d ${word} ] && [ "$(ls -A ${word} 2>/dev/null)" ] && exit 0
echo "$said" >&2; exit 1`;
}

export function makeDirectoryScript(path: string, mode: number): string {
  const word = pathWord(path);
  // `chmod` only where it is needed: it would take away what a directory inherits.
  const special = (mode & 0o7000) === 0 ? '' : ` && chmod ${octal(mode)} ${word}`;
  return `[ -d ${word} ] || { umask ${octal(~mode & 0o777)}; mkdir -p ${word}${special}; }`;
}

/** Prints a path with its links followed. */
export function resolveScript(path: string): string {
  // Not every `readlink -f` takes a file that is not there. A line feed at the end is part of a name.
  return `p=${pathWord(path)} left=40
r=$(readlink -f "$p" 2>/dev/null && echo .)
if [ "$r" ]; then r=\${r%.}; printf '%s' "\${r%?}"; exit; fi
while :; do
  while case $p in ?*/) ;; *) false ;; esac; do p=\${p%/}; done
  [ -h "$p" ] || break
  left=$((left - 1))
  if [ $left = 0 ]; then echo ': Too many levels of symbolic links' >&2; exit 1; fi
  l=$(readlink "$p" && echo .) || exit 1
  l=\${l%.} l=\${l%?}
  case $l in /*) p=$l ;; *) p=\${p%/*}/$l ;; esac
done
d=\${p%/*}
ls -d "$d/." >/dev/null || exit 1
cd "$d/" && d=$(pwd -P && echo .) || exit 1
d=\${d%.} d=\${d%?}
printf '%s/%s' "\${d%/}" "\${p##*/}"`;
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** `[[CC]YY]MMDDhhmm[.SS]`, which POSIX has. */
function touchTime(mtime: number): string {
  const [date = '', time = ''] = new Date(Math.floor(mtime) * 1_000).toISOString().split('T');
  const [hours = '', minutes = '', seconds = ''] = time.split(':');
  return `${date.replaceAll('-', '')}${hours}${minutes}.${seconds.slice(0, 2)}`;
}
