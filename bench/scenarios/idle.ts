import { compare } from '../compare';
import { onGround } from '../ground';
import type { Scenario } from '../scenario';

const CONNECTIONS = 500;
const AT_ONCE = 50;

/** What a connection costs that nobody uses. */
export const IDLE: Scenario = {
  name: 'idle',
  what: `resident memory of ${CONNECTIONS} open connections`,
  run: (settings) =>
    onGround(CONNECTIONS, async (ground) => {
      const series = await compare(settings, ground, {
        name: 'idle connections',
        what: `resident memory that ${CONNECTIONS} open connections add to the client`,
        unit: 'KiB each',
        better: 'less',
        work: () => ({ op: 'hold', command: 'true', count: CONNECTIONS, concurrency: AT_ONCE }),
        value: ({ residentKib = NaN }) => residentKib / CONNECTIONS,
      });
      return { series: [series], rows: [] };
    }),
};
