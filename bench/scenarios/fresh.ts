import { compare } from '../compare';
import { onGround } from '../ground';
import type { Scenario } from '../scenario';
import { median } from '../statistics';

const CONNECTIONS = 20;

/** What a step costs that finds no connection. */
export const FRESH: Scenario = {
  name: 'fresh',
  what: 'one fresh connection with `true`',
  run: (settings) =>
    onGround(1, async (ground) => {
      const series = await compare(settings, ground, {
        name: 'fresh',
        what: `a fresh connection with \`true\`, ${CONNECTIONS} one after the other; median of a round`,
        unit: 'ms',
        better: 'less',
        work: () => ({ op: 'connect', command: 'true', count: CONNECTIONS, concurrency: 1 }),
        value: ({ times }) => median(times),
        pieces: ({ count }) => count,
      });
      return { series: [series], rows: [] };
    }),
};
