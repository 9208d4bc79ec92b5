const DROPBEAR = /^SSH-2\.0-dropbear(?:_(\d+)\.(\d+))?/;
const MENDED = [2024, 86] as const;

/**
 * How many channels a connection to a server may have at once, by its identification; `undefined` where nothing is known against many.
 *
 * Dropbear before 2024.86 closes a session channel that waits for its exec request when the command of another channel ends just then
 * (mkj/dropbear#326). With one command after the other there is no other channel.
 */
export function serverChannels(identification: string): number | undefined {
  const found = DROPBEAR.exec(identification);
  if (!found) return undefined;
  const [year, release] = [Number(found[1] ?? 0), Number(found[2] ?? 0)];
  const [mendedYear, mendedRelease] = MENDED;
  return year > mendedYear || (year === mendedYear && release >= mendedRelease) ? undefined : 1;
}
