import type { Series } from './scenario';
import { digits, median } from './statistics';

const WIDTH = 720;
const NAMES = 220;
const VALUES = 90;
const LINE = 22;
const HEAD = 34;

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Bars on a logarithmic scale, since the slowest is often a hundred times the fastest. */
function chart({ name, unit, lines, better }: Series, top: number): string {
  const bars = lines.map(({ client, values }) => ({ client, value: median(values) }));
  bars.sort((a, b) => (better === 'less' ? a.value - b.value : b.value - a.value));
  const values = bars.map(({ value }) => value).filter((value) => value > 0);
  const [low, high] = [Math.log10(Math.min(...values)) - 0.3, Math.log10(Math.max(...values))];
  const rows = bars.map(({ client, value }, index) => {
    const y = top + HEAD + index * LINE;
    const width = Math.max(1, ((Math.log10(value) - low) / (high - low)) * (WIDTH - NAMES - VALUES));
    const fill = client.startsWith('temporal-ssh') ? '#2f6fab' : '#a9b4c0';
    return [
      `<text x="${NAMES - 8}" y="${y + 14}" text-anchor="end">${text(client)}</text>`,
      `<rect x="${NAMES}" y="${y + 2}" width="${width.toFixed(1)}" height="${LINE - 6}" fill="${fill}"/>`,
      `<text x="${(NAMES + width + 6).toFixed(1)}" y="${y + 14}">${digits(value)}</text>`,
    ].join('');
  });
  const title = `${name}: ${unit}, ${better} is better`;
  return `<text x="8" y="${top + 20}" font-weight="bold">${text(title)}</text>${rows.join('\n')}`;
}

/** An SVG with a chart of each series, one under the other. */
export function plotSeries(series: readonly Series[]): string {
  let height = 8;
  const charts = series.map((each) => {
    const drawn = chart(each, height);
    height += HEAD + each.lines.length * LINE + 12;
    return drawn;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`,
    ` font-family="sans-serif" font-size="12" fill="#1c2530">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...charts,
    '</svg>\n',
  ].join('\n');
}
