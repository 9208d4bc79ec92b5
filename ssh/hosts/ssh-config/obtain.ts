import { localUser } from '../local-user';
import { matchesPatternList } from '../pattern';
import { expandTokens } from '../tokens';
import { ruleOf } from './keywords';
import type { ConfigLine } from './parse-line';
import type { ConfigNode } from './ssh-config-file';

/** Something in the configuration that a host cannot be used with. */
export interface ObtainProblem {
  /** None for what is wrong with the host as a whole. */
  readonly line: ConfigLine | undefined;
  readonly message: string;
  /** It is right for OpenSSH, but nothing that this version can do. */
  readonly unsupported: boolean;
}

/** What the configuration says of one host. */
export interface Obtained {
  /** A `Host` line that counts names the host literally. */
  readonly named: boolean;
  readonly problems: readonly ObtainProblem[];
  /** The line that counts: for each keyword the first one. */
  get(key: string): ConfigLine | undefined;
  /** All lines of a keyword of which each counts. */
  all(key: string): readonly ConfigLine[];
}

/** The host that is asked for. */
export interface ObtainQuery {
  readonly name: string;
  /** The remote user, unless the configuration says another. */
  readonly user: string;
  /** The remote user whatever the configuration says. */
  readonly givenUser?: string;
}

const isLiteral = (pattern: string): boolean => !/[*?!]/.test(pattern);

/** Each of the two keeps later ones of the other from counting (ssh_config(5), `ProxyJump`). */
const RIVALS: Readonly<Record<string, string>> = { proxycommand: 'proxyjump', proxyjump: 'proxycommand' };

class Evaluation implements Obtained {
  named = false;
  readonly problems: ObtainProblem[] = [];
  readonly #lines = new Map<string, ConfigLine[]>();
  readonly #query: ObtainQuery;

  constructor(query: ObtainQuery) {
    this.#query = query;
  }

  get(key: string): ConfigLine | undefined {
    return this.#lines.get(key)?.[0];
  }

  all(key: string): readonly ConfigLine[] {
    return this.#lines.get(key) ?? [];
  }

  /** @param reachable - a file that is included where nothing counts never counts, whatever its own `Host` lines say */
  read(nodes: readonly ConfigNode[], reachable: boolean): void {
    let active = reachable;
    for (const node of nodes) {
      if ('included' in node) for (const file of node.included) this.read(file, active);
      else if (node.key === 'host') active = reachable && this.#matchesHost(node);
      else if (node.key === 'match') active = reachable && this.#matchesAll(node);
      else if (active) this.#take(node);
    }
  }

  #matchesHost({ args }: ConfigLine): boolean {
    const matches = matchesPatternList(this.#query.name, args);
    if (matches && args.some((pattern) => isLiteral(pattern) && pattern === this.#query.name)) this.named = true;
    return matches;
  }

  #take(line: ConfigLine): void {
    const rule = ruleOf(line.key);
    const key = rule?.name.toLowerCase() ?? line.key;
    const rival = RIVALS[key];
    if (rival !== undefined && this.#lines.has(rival)) return;
    if (!rule && this.all('ignoreunknown').some(({ args }) => isIgnored(line.key, args))) return;
    const earlier = this.#lines.get(key);
    if (earlier && !rule?.several) return;
    this.#lines.set(key, [...(earlier ?? []), line]);
    const unsupported = !rule
      ? 'unknown keyword; if it may be ignored, name it in IgnoreUnknown'
      : rule.effect === 'refused' || (rule.values && !rule.values.includes(line.args.join(' ').toLowerCase()))
        ? rule.note
        : undefined;
    if (unsupported !== undefined) this.problems.push({ line, message: unsupported, unsupported: true });
  }

  /** All criteria have to hold; those that we cannot judge matter only where no other one fails. */
  #matchesAll(line: ConfigLine): boolean {
    const words = line.args.flatMap((arg) => splitCriterion(arg));
    const open: string[] = [];
    let holds = true;
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] ?? '';
      const negated = word.startsWith('!');
      const criterion = word.slice(negated ? 1 : 0).toLowerCase();
      const subject = this.#subject(criterion);
      if (criterion === 'all') {
        if (negated || words.length > 1) this.#fault(line, 'expected "all" to stand alone');
      } else if (subject === undefined) {
        open.push(criterion);
        if (!['canonical', 'final'].includes(criterion)) at += 1;
      } else {
        const patterns = words[(at += 1)];
        if (patterns === undefined) this.#fault(line, `expected patterns after "${criterion}"`);
        else if (matchesPatternList(subject.text, subject.patterns(patterns).split(',')) === negated) holds = false;
      }
    }
    if (holds && open.length > 0) {
      const message = `only the criteria all, host, originalhost, user and localuser are supported, found ${open.join(', ')}`;
      this.problems.push({ line, message, unsupported: true });
    }
    return holds && open.length === 0;
  }

  #fault(line: ConfigLine, message: string): void {
    this.problems.push({ line, message, unsupported: false });
  }

  /** What a criterion is about, by what is known up to here. */
  #subject(criterion: string): Subject | undefined {
    const { name, user, givenUser } = this.#query;
    switch (criterion) {
      case 'host':
        return ofHost(expandTokens(this.get('hostname')?.args[0] ?? '%h', { h: name }));
      case 'originalhost':
        return ofHost(name);
      case 'user':
        return ofUser(givenUser ?? this.get('user')?.args[0] ?? user);
      case 'localuser':
        return ofUser(localUser());
      default:
        return undefined;
    }
  }
}

/** What a criterion is about. Host names know no case, those of users do. */
interface Subject {
  readonly text: string;
  patterns(given: string): string;
}

const ofHost = (name: string): Subject => ({ text: name.toLowerCase(), patterns: (given) => given.toLowerCase() });

const ofUser = (name: string): Subject => ({ text: name, patterns: (given) => given });

/** `host=web` is `host web`. */
function splitCriterion(word: string): readonly string[] {
  const at = word.indexOf('=');
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)].filter((part) => part !== '');
}

function isIgnored(key: string, args: readonly string[]): boolean {
  const patterns = args.flatMap((arg) => arg.toLowerCase().split(','));
  return matchesPatternList(key, patterns);
}

/** Evaluates a configuration for one host, by ssh_config(5): the first value that is obtained counts. */
export function obtain(nodes: readonly ConfigNode[], query: ObtainQuery): Obtained {
  const evaluation = new Evaluation(query);
  evaluation.read(nodes, true);
  return evaluation;
}

/** A name that a `Host` line names literally. */
export interface LiteralName {
  readonly name: string;
  /** The line counts whatever the host: it is not part of what a section includes. */
  readonly certain: boolean;
}

/** The names that `Host` lines name literally, wherever they stand. */
export function literalNames(nodes: readonly ConfigNode[], certain = true): readonly LiteralName[] {
  const found: LiteralName[] = [];
  let inSection = false;
  for (const node of nodes) {
    if ('included' in node) {
      for (const file of node.included) found.push(...literalNames(file, certain && !inSection));
    } else if (node.key === 'host' || node.key === 'match') {
      inSection = true;
      const { key, args } = node;
      const names = key === 'host' ? args.filter((name) => isLiteral(name) && matchesPatternList(name, args)) : [];
      found.push(...names.map((name) => ({ name, certain })));
    }
  }
  return found;
}
