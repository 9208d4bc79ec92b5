import { compare } from '../compare';
import { onGround } from '../ground';
import type { Scenario, Series } from '../scenario';

const STEPS = 300;
const WIDE = 8;

/** What steps cost on a connection that is there. */
export const STEPS_ON_ONE_CONNECTION: Scenario = {
  name: 'steps',
  what: `${STEPS} times \`true\` on one connection, one after the other and ${WIDE} at a time`,
  run: (settings) =>
    onGround(1, async (ground) => {
      const series: Series[] = [];
      for (const concurrency of [1, WIDE]) {
        series.push(
          await compare(settings, ground, {
            name: concurrency === 1 ? 'steps, sequential' : `steps, ${concurrency} wide`,
            what: `${STEPS} times \`true\` on one connection, ${concurrency === 1 ? 'one after the other' : `${concurrency} at a time`}`,
            unit: 'steps/s',
            better: 'more',
            work: () => ({ op: 'exec', command: 'true', count: STEPS, concurrency }),
            value: ({ seconds }, { count }) => count / seconds,
            pieces: ({ count }) => count,
          })
        );
      }
      return { series, rows: [] };
    }),
};
