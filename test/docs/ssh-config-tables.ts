import { KEYWORDS } from '../../ssh/hosts/ssh-config/keywords';
import type { KeywordRule } from '../../ssh/hosts/ssh-config/keywords';

/** Between these lines of `docs/configuration.md` stands what {@link sshConfigTables} gives. */
export const SSH_CONFIG_MARKS = ['<!-- keywords: begin -->', '<!-- keywords: end -->'] as const;

const code = (text: string): string => `\`${text}\``;

function label({ name, values }: KeywordRule): string {
  return values ? `${code(name)} (${values.map(code).join(', ')})` : code(name);
}

/** One row for each note, with all keywords that it holds for. */
function byNote(rules: readonly KeywordRule[]): readonly string[] {
  const notes = [...new Set(rules.map(({ note }) => note))];
  return notes.map((note) => {
    const names = rules.filter((rule) => rule.note === note).map(label);
    return `| ${names.join(', ')} | ${note} |`;
  });
}

/** The tables of keywords, from the one that the code works with. */
export function sshConfigTables(): string {
  const of = (effect: KeywordRule['effect']): readonly KeywordRule[] =>
    KEYWORDS.filter((rule) => rule.effect === effect);
  return [
    '| honoured | how |',
    '|---|---|',
    ...of('honoured').map((rule) => `| ${label(rule)} | ${rule.note} |`),
    '',
    '| ignored (with values: only these, all others are refused) | why |',
    '|---|---|',
    ...byNote(of('ignored')),
    '',
    '| refused | why |',
    '|---|---|',
    ...byNote(of('refused')),
    '| all that is not in these tables | may change anything |',
  ].join('\n');
}
