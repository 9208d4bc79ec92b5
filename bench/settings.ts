import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchSettings {
  /** All without any. */
  readonly scenarios: readonly string[];
  readonly rounds: number;
  /** Ids of peers, all without any. Ours is always there. */
  readonly peers: readonly string[];
  /** Hosts of `fanout`. */
  readonly hosts: number;
  /** A file, or `-`. */
  readonly json?: string;
  readonly markdown?: string;
  /** Writes docs/performance.md from the run that is kept. */
  readonly document: boolean;
}

const ROUNDS = 3;
const HOSTS = 200;

function count(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`--${name}: expected a whole number of at least 1, found ${JSON.stringify(text)}`);
  }
  return value;
}

/** Reads the arguments of `npm run bench`. */
export function readSettings(args: readonly string[]): BenchSettings {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      peers: { type: 'string' },
      hosts: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      document: { type: 'boolean', default: false },
    },
  });
  return {
    scenarios: positionals,
    rounds: count('rounds', values.rounds, ROUNDS),
    hosts: count('hosts', values.hosts, HOSTS),
    peers: values.peers?.split(',') ?? [],
    document: values.document,
    ...(values.json !== undefined && { json: values.json }),
    ...(values.markdown !== undefined && { markdown: values.markdown }),
  };
}
