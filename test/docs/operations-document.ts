import { SSH_METRICS } from '../../activities';

/** The rows of the table of metrics in `docs/operations.md`. */
export function metricRows(): readonly string[] {
  return Object.entries(SSH_METRICS).map(([name, { kind, unit, tags, description }]) => {
    const cells = [
      `\`${name}\``,
      unit === 'ms' ? `${kind}, ms` : kind,
      tags.map((tag) => `\`${tag}\``).join(', '),
      description,
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

/** The content of the fenced blocks of a language. */
export function codeBlocks(markdown: string, language: string): readonly string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code = '']) => code);
}
