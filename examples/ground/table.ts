/** Rows of texts, the first one as a heading, in columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  const [first = '', ...others] = rows.map(line);
  return ['', first, line(widths.map((width) => '-'.repeat(width))), ...others, ''].join('\n');
}
