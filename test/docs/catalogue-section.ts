import { failureFacts } from '../../contract';
import type { SshFailureType } from '../../contract';
import { CATALOGUE } from '../ssh/catalogue/catalogue';
import type { CatalogueRow, Expectation } from '../ssh/catalogue/row';

const INTRODUCTION = `## The catalogue

What servers, networks and hosts do, and what comes of it. Each line is a case that the tests provoke for real and hold the engine to, in time: no stage lasts longer than its own deadline. The list is not complete; what is
not in it is told by the same rules.

Where the command may have run, a retry is for \`idempotent\` steps only. Two types in a line mean that the kernel's timing decides which of them can be seen at all.`;

type Failure = Extract<Expectation, { readonly ends: 'failure' }>;

function listOf<T extends string>(value: T | readonly T[]): readonly T[] {
  return typeof value === 'string' ? [value] : value;
}

function retry({ type, commandMayHaveRun = false }: Failure): string {
  const words = listOf<SshFailureType>(type).map((each) => {
    const { retryable, outcomeKnown } = failureFacts(each);
    if (!retryable) return outcomeKnown ? 'never' : 'no';
    return commandMayHaveRun === false ? 'yes' : 'if `idempotent`';
  });
  return [...new Set(words)].join(' or ');
}

/** A cell of a table in Markdown: what a server says may have pipes and angle brackets. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function line({ name, what, expect }: CatalogueRow): string {
  const [stage, type, again] =
    expect.ends === 'failure'
      ? [
          listOf(expect.stage).join(' or '),
          listOf<SshFailureType>(expect.type)
            .map((each) => `\`${each}\``)
            .join(' or '),
          retry(expect),
        ]
      : ['', expect.ends === 'cancelled' ? 'cancelled' : `success${exit(expect.exitCode)}`, ''];
  return `| \`${name}\` | ${cell(what)} | ${stage} | ${type} | ${again} |`;
}

function exit(code: number | undefined): string {
  return code === undefined || code === 0 ? '' : `, exit code ${code}`;
}

/** The cases that the engine is held to, as tables, one for each part. */
export function catalogueSection(): string {
  const parts = CATALOGUE.map(({ title, rows }) =>
    [
      `### ${title}`,
      '',
      '| case | what happens | stage | type | retry |',
      '|---|---|---|---|---|',
      ...rows.map(line),
    ].join('\n')
  );
  return [INTRODUCTION, ...parts].join('\n\n');
}
