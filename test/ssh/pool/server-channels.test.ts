import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverChannels } from '../../../ssh/pool/server-channels';
import { dropbearSkipReason, startDropbear } from '../../support/dropbear';
import { openPool, run, shared } from './support';

void test('only Dropbear of before 2024.86 is given one channel at a time', () => {
  const most = (identification: string): number | undefined => serverChannels(identification);
  for (const old of ['SSH-2.0-dropbear_2022.83', 'SSH-2.0-dropbear_2024.85', 'SSH-2.0-dropbear']) {
    assert.equal(most(old), 1, old);
  }
  for (const good of ['SSH-2.0-dropbear_2024.86', 'SSH-2.0-dropbear_2025.88', 'SSH-2.0-OpenSSH_9.2p1 dropbear_1.0']) {
    assert.equal(most(good), undefined, good);
  }
});

void test(
  'steps that begin together on Dropbear all run, whenever others end',
  { skip: dropbearSkipReason() },
  async (t) => {
    const dropbear = await startDropbear({ t, account: { shell: '/bin/sh' } });
    const pool = openPool(t);
    let left = 120;
    const lane = async (): Promise<void> => {
      for (; left > 0; left -= 1) await run(pool, shared(dropbear), `sleep 0.0${left % 4}`);
    };
    await Promise.all(Array.from({ length: 4 }, lane));
    assert.ok(pool.size <= 8, `${pool.size} connections`);
  }
);
