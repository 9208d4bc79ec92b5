import type { BenchRun } from './bench-run';
import type { BenchRow } from './scenario';
import { seriesRows } from './statistics';

/** A Markdown table of rows that have the same columns. */
export function markdownTable(rows: readonly BenchRow[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, columns.map(() => '---'), ...rows.map((row) => columns.map((column) => row[column]))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** All tables of a run, each under a heading. */
export function runMarkdown({ results }: BenchRun): string {
  return results
    .flatMap(({ series, rows, scenario, what }) => [
      ...series.map((each) => `## ${each.name}\n\n${each.what}.\n\n${markdownTable(seriesRows(each))}`),
      ...(rows.length > 0 ? [`## ${scenario}\n\n${what}.\n\n${markdownTable(rows)}`] : []),
    ])
    .join('\n\n');
}
