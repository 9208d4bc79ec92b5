import type { SshDeadlines } from '../../../contract';

/**
 * The deadlines under which the catalogue runs, in milliseconds: all different, so that the elapsed time tells which one
 * passed.
 */
export const CATALOGUE_DEADLINES: Required<SshDeadlines> = {
  connect: 1_200,
  banner: 1_900,
  kex: 2_600,
  auth: 3_300,
  channel: 1_500,
  exec: 1_700,
  run: 7_000,
  idle: 2_300,
};

/** The same, shorter or longer by a factor. */
export function scaledDeadlines(factor: number): Required<SshDeadlines> {
  const scaled = Object.entries(CATALOGUE_DEADLINES).map(([name, ms]) => [name, Math.ceil(ms * factor)]);
  return Object.fromEntries(scaled) as Required<SshDeadlines>;
}
