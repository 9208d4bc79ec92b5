/** Where something stands. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** A line of ssh_config(5) that is neither empty nor a comment. */
export interface ConfigLine extends Place {
  /** As it is written. */
  readonly keyword: string;
  /** In lower case: keywords know no case. */
  readonly key: string;
  /** Without their quotes. */
  readonly args: readonly string[];
  /** All that follows the keyword, as it is: a `ProxyCommand` is for the shell to take apart. */
  readonly rest: string;
}

/** Something that is wrong with the text of the configuration. */
export class SshConfigSyntaxError extends Error {
  constructor({ file, line }: Place, message: string) {
    super(`${file}:${line}: ${message}`);
  }
}

/** `ProxyCommand`, `LocalCommand` and the like are taken as they stand. */
const RAW = new Set(['proxycommand', 'localcommand', 'remotecommand', 'knownhostscommand']);

/** The arguments of a line by OpenSSH's rules (`argv_split` of misc.c); `undefined` for a quote that is not closed. */
export function splitArguments(text: string): readonly string[] | undefined {
  const args: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    if (at >= text.length || text[at] === '#') return args;
    let arg = '';
    let quote = '';
    for (; at < text.length; at += 1) {
      const char = text[at] ?? '';
      const next = text[at + 1] ?? '';
      if (char === '\\' && next !== '' && (`'"\\`.includes(next) || (quote === '' && next === ' '))) {
        arg += next;
        at += 1;
      } else if (quote === '' && (char === ' ' || char === '\t')) {
        break;
      } else if (quote === '' && (char === '"' || char === "'")) {
        quote = char;
      } else if (quote !== '' && char === quote) {
        quote = '';
      } else {
        arg += char;
      }
    }
    if (quote !== '') return undefined;
    args.push(arg);
  }
}

/** Reads a line by the rules of OpenSSH's `process_config_line`; `undefined` for an empty line or a comment. */
export function parseLine(text: string, place: Place): ConfigLine | undefined {
  const trimmed = text.replace(/^\s+|\s+$/g, '');
  if (trimmed === '' || trimmed.startsWith('#')) return undefined;
  // After the keyword there may be one equals sign.
  const [, keyword = '', rest = ''] = /^"?([^\s="]+)"?\s*=?\s*([^]*)$/.exec(trimmed) ?? [];
  if (keyword === '') throw new SshConfigSyntaxError(place, 'expected a keyword');
  const key = keyword.toLowerCase();
  const args = RAW.has(key) ? [rest] : splitArguments(rest);
  if (args === undefined) throw new SshConfigSyntaxError(place, `${keyword}: expected each quote to be closed`);
  if (args.length === 0 || rest === '')
    throw new SshConfigSyntaxError(place, `${keyword}: expected a value, found none`);
  return { ...place, keyword, key, args, rest };
}
