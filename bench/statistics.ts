import type { BenchRow, Series } from './scenario';

/** The middle value; the upper one of two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Three digits that count. */
export function digits(value: number): string {
  const magnitude = Math.floor(Math.log10(Math.abs(value) || 1));
  return value.toFixed(Math.max(0, Math.min(3, 2 - magnitude)));
}

/** The table of a series: what the others need or reach beside ours, of the medians. */
export function seriesRows({ lines, missing, unit }: Series): readonly BenchRow[] {
  const ours = median(lines[0]?.values ?? []);
  const measured = lines.map(({ client, values, cpuMs }) => ({
    client,
    [`median ${unit}`]: digits(median(values)),
    min: digits(Math.min(...values)),
    max: digits(Math.max(...values)),
    'peer / ours': digits(median(values) / ours),
    'client CPU ms each': cpuMs ? digits(median(cpuMs)) : '',
  }));
  const others = missing.map(({ client, why }) => ({
    client,
    [`median ${unit}`]: `not measured: ${why}`,
    ...{ min: '', max: '', 'peer / ours': '', 'client CPU ms each': '' },
  }));
  return [...measured, ...others];
}
