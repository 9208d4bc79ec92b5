import type { SshSyncResult, SshTransferHeartbeat, SshTransferResult } from '../contract';
import { cleanServerText } from '../ssh/server-text';

const BAR = 24;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A number of bytes as people read it. */
export function byteText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${UNITS[power] ?? ''}`;
}

/** How far a transfer is, in one line of at most `width` characters; with a bar where there is room. */
export function progressLine(progress: SshTransferHeartbeat, width = Infinity): string {
  const { phase, file, bytes, totalBytes, bytesPerSecond, filesDone, filesTotal } = progress;
  const files = filesTotal === undefined ? [] : [`${filesDone ?? 0} of ${filesTotal} files`];
  const amount = totalBytes === undefined ? byteText(bytes) : `${byteText(bytes)} of ${byteText(totalBytes)}`;
  const rate = bytesPerSecond > 0 ? [`${byteText(bytesPerSecond)}/s`] : [];
  const left = bytesPerSecond > 0 && totalBytes !== undefined ? (totalBytes - bytes) / bytesPerSecond : undefined;
  const eta = left === undefined || left < 1 ? [] : [`${timeText(left)} left`];
  const facts = [amount, ...files, ...rate, ...eta].join(', ');
  const part = totalBytes === undefined || totalBytes === 0 ? undefined : Math.min(1, bytes / totalBytes);
  const filled = part === undefined ? 0 : Math.floor(part * BAR);
  const bar =
    part === undefined
      ? ''
      : `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}] ${String(Math.floor(part * 100)).padStart(3)}% `;
  const line = `${phase} ${bar}${facts}  ${cleanServerText(file)}`;
  const short = line.length > width ? `${phase} ${facts}` : line;
  return short.slice(0, width);
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3_600 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${(whole / 3_600).toFixed(1)} h`;
}

/** What a transfer has done, in lines. */
export function resultLines(result: SshTransferResult | SshSyncResult): string[] {
  const { host, path, transferredBytes, elapsedMs } = result;
  const where = `${host}:${cleanServerText(path)}`;
  const rate = elapsedMs > 0 ? ` (${byteText(Math.round((transferredBytes * 1_000) / elapsedMs))}/s)` : '';
  const moved = `${byteText(transferredBytes)} in ${(elapsedMs / 1_000).toFixed(1)} s${rate}`;
  if ('files' in result) {
    const { files, created, updated, deleted, unchanged, changes } = result;
    const counts = `${created} created, ${updated} updated, ${deleted} deleted, ${unchanged} unchanged`;
    return [...changes.map((change) => cleanServerText(change)), `${where}: ${files} files: ${counts}; ${moved}`];
  }
  const { bytes, sha256, changed, resumedFrom, backup } = result;
  const resumed = resumedFrom > 0 ? `, resumed from ${byteText(resumedFrom)}` : '';
  const what = changed ? `${byteText(bytes)}; ${moved}${resumed}` : `${byteText(bytes)}; unchanged`;
  return [
    `${where}: ${what}${sha256 === undefined ? '' : `, sha256 ${sha256}`}`,
    ...(backup === undefined ? [] : [`backup: ${host}:${cleanServerText(backup)}`]),
  ];
}
