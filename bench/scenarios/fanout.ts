import { compare } from '../compare';
import { onGround } from '../ground';
import type { Scenario } from '../scenario';

const AT_ONCE = 50;

/** One command on many hosts. Both ends of each connection are on this machine. */
export const FANOUT: Scenario = {
  name: 'fanout',
  what: `\`true\` on many hosts (--hosts), ${AT_ONCE} at once`,
  run: (settings) =>
    onGround(settings.hosts, async (ground) => {
      const { hosts: count } = settings;
      const series = await compare(settings, ground, {
        name: `fan-out, ${count} hosts`,
        what: `\`true\` on ${count} loopback hosts, ${AT_ONCE} at once`,
        unit: 's',
        better: 'less',
        work: () => ({ op: 'connect', command: 'true', count, concurrency: AT_ONCE }),
        value: ({ seconds }) => seconds,
        pieces: () => count,
      });
      return { series: [series], rows: [] };
    }),
};
