import { proxyActivities } from '@temporalio/workflow';
import { compensating, sshHost } from 'temporal-ssh/workflow';
import type { Order, ShopActivities } from './activities';

const shop = proxyActivities<ShopActivities>({ startToCloseTimeout: '10s' });

/**
 * Takes an order: the item is reserved, the customer charged, and the warehouse told, over SSH. Where one of them fails,
 * what was done is undone, last first.
 *
 * @returns the number of the parcel
 */
export async function order(given: Order): Promise<string> {
  const warehouse = sshHost('warehouse', {
    timeouts: { banner: '5s' },
    // For those who watch; the defaults are for real hosts.
    retry: { initialInterval: '1s', maximumInterval: '2s' },
  });
  return compensating(async (undo) => {
    undo('release the item', () => shop.release(given));
    await shop.reserve(given);

    undo('refund', () => shop.refund(given));
    await shop.charge(given);

    // A parcel must not be packed twice: however often this is sent, the command runs once, and its result is found again.
    const { stdout } = await warehouse.exec(['./pack', given.id, given.item], {
      once: true,
      summary: `pack ${given.item}`,
    });
    return stdout.trim();
  });
}
