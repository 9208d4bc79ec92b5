import { compare } from '../compare';
import { onGround } from '../ground';
import type { Scenario } from '../scenario';

const BYTES = 2 ** 30;

/** A command that says a lot. */
export const STDOUT: Scenario = {
  name: 'stdout',
  what: '1 GiB of output of one command',
  run: (settings) =>
    onGround(1, async (ground) => {
      const series = await compare(settings, ground, {
        name: 'stdout, 1 GiB',
        what: '1 GiB of output of one command; ours counts and hashes it, and keeps the ends',
        unit: 'MiB/s',
        better: 'more',
        work: () => ({ op: 'read', command: `head -c ${BYTES} /dev/zero`, count: 1, concurrency: 1, bytes: BYTES }),
        value: ({ seconds, bytes }) => bytes / 2 ** 20 / seconds,
        pieces: () => 1,
      });
      return { series: [series], rows: [] };
    }),
};
