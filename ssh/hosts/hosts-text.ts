import { LineCounter, isAlias, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, YAMLError } from 'yaml';
import type { ConfigProblem } from './config-problem';

/** A problem that is tied to a place in the text. */
export interface PlacedProblem extends ConfigProblem {
  readonly offset: number;
}

/** The text of a hosts file, parsed. */
export interface HostsText {
  readonly value: unknown;
  /** What is wrong with the text as YAML. */
  readonly problems: readonly PlacedProblem[];
  /** {@link value} stands for all of the text, so that it can be judged in spite of {@link problems}. */
  readonly whole: boolean;
  /** The offset of the value at a path, or of the nearest key around it. */
  place(problem: ConfigProblem): PlacedProblem;
  /** Line and column, from 1. */
  position(offset: number): { readonly line: number; readonly column: number };
}

function offsetOf(document: Document, { path, onKey }: ConfigProblem): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === step);
      if (!pair) return offset;
      if (isScalar(pair.key) && pair.key.range) offset = pair.key.range[0];
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (isNode(node) && node.range) offset = node.range[0];
    } else {
      return offset;
    }
  }
  return !onKey && isNode(node) && node.range ? node.range[0] : offset;
}

/** The parser's messages quote the text in places, and with it perhaps a secret. */
function syntaxMessage({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^[\w.-]{1,60}/.exec(text.slice(pos[0]))?.[0];
    return `expected each key once, found ${key === undefined ? 'one' : JSON.stringify(key)} again`;
  }
  const words: Partial<Record<YAMLError['code'], string>> = {
    UNEXPECTED_TOKEN: 'something that does not belong here; texts with special characters need quotes',
    BAD_DQ_ESCAPE: 'an escape sequence that does not exist in a text in double quotes',
    TAB_AS_INDENT: 'a tab as indentation',
    MULTIPLE_DOCS: 'a second document',
  };
  return `expected YAML 1.2 or JSON, found ${words[code] ?? `a mistake (${message.replace(/["'`:].*$/s, '').trim()})`}`;
}

/** Parses YAML 1.2, of which JSON is a part. */
export function parseHostsText(text: string): HostsText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const faults = [...document.errors, ...document.warnings];
  const problems: PlacedProblem[] = faults.map((fault) => ({
    path: [],
    message: syntaxMessage(fault, text),
    offset: fault.pos[0],
  }));
  let whole = faults.every(({ code }) => code === 'DUPLICATE_KEY');
  let value: unknown;
  try {
    if (whole) value = document.toJS({ maxAliasCount: 100 });
  } catch {
    whole = false;
    problems.push({
      path: [],
      message: 'expected aliases that can be resolved, found too many or unknown ones',
      offset: 0,
    });
  }
  return {
    value,
    problems,
    whole,
    place: (problem) => ({ ...problem, offset: offsetOf(document, problem) }),
    position: (offset) => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(1, line), column: Math.max(1, col) };
    },
  };
}
