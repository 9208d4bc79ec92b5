import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createSshActivities } from '../../activities';
import { sshGateState } from '../../client';
import type { SshGateState } from '../../contract';
import { until } from '../worker/processes';
import type { GatedActivities } from '../workflows/fixtures/gated';
import { useGround } from './ground';
import type { Ground } from './ground';

/** Who is inside of the blocks of the workflows in `fixtures/gated`. */
export interface Doors {
  readonly activities: GatedActivities & Readonly<Record<string, unknown>>;
  /** All that entered, in their order. */
  readonly entered: readonly string[];
  /** The most that were inside at once. */
  most(): number;
  /** Waits until somebody has entered. */
  inside(who: string): Promise<void>;
  /** Lets somebody out, now or when it comes. */
  let(who: string): void;
}

/** Doors that stand open, or that let out only whom the test names. */
export function doors(open: boolean): Doors {
  const entered: string[] = [];
  const inside = new Set<string>();
  const released = new Set<string>();
  let most = 0;
  return {
    entered,
    most: () => most,
    activities: {
      ...(createSshActivities({ hosts: { hosts: {} } }) as unknown as Readonly<Record<string, unknown>>),
      enter: async (who) => {
        entered.push(who);
        inside.add(who);
        most = Math.max(most, inside.size);
      },
      leave: async (who) => {
        if (!open) await until(`${who} is let out`, () => released.has(who));
        inside.delete(who);
      },
    },
    inside: (who) => until(`${who} is inside`, () => entered.includes(who)),
    let: (who) => void released.add(who),
  };
}

/** The ground with the workflows of `fixtures/gated`. */
export interface GateGround extends Ground {
  /** A name that no other test uses. */
  host(): string;
  state(name: string): Promise<SshGateState>;
  /** Waits until so many wait at a gate. */
  waiting(name: string, count: number): Promise<SshGateState>;
}

export function useGateGround(): GateGround {
  const ground = useGround(require.resolve('../workflows/fixtures/gated'));
  const state = async (name: string): Promise<SshGateState> => {
    const found = await sshGateState(ground.temporal.client, name);
    assert.ok(found, 'the gate does not run');
    return found;
  };
  return Object.assign(Object.create(ground) as Ground, {
    host: () => `host-${randomUUID()}`,
    state,
    waiting: async (name: string, count: number) => {
      await until(`${count} wait at ${name}`, async () => {
        const found = await sshGateState(ground.temporal.client, name);
        return found?.waiting.length === count;
      });
      return state(name);
    },
  });
}
