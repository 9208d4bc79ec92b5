import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoolDown } from '../../../ssh/pool/cool-down';

const HOST = '10.0.0.1:22';
const LIMITS = { coolDownMs: 5_000, maxCoolDownMs: 120_000 };

/** A cool-down with a clock of its own, and the longest delays that its jitter allows. */
function clocked(): { coolDown: CoolDown; pass: (ms: number) => void; remaining: () => number } {
  let now = 1_000;
  const coolDown = new CoolDown(
    LIMITS,
    () => now,
    () => 1
  );
  return {
    coolDown,
    pass: (ms) => (now += ms),
    remaining: () => {
      const admission = coolDown.admit(HOST);
      return admission.admitted ? 0 : admission.remainingMs;
    },
  };
}

describe('cool-down', () => {
  it('admits a host that nothing is known of', () => {
    assert.equal(clocked().remaining(), 0);
  });

  it('begins at once after a refusal, and grows with each in a row up to two minutes', () => {
    const { coolDown, pass, remaining } = clocked();
    const windows = [5_000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000];
    for (const window of windows) {
      coolDown.failed(HOST, 'SshServerBusy');
      assert.equal(remaining(), window);
      pass(window);
      assert.deepEqual(coolDown.admit(HOST), { admitted: true });
    }
  });

  it('leaves a penalised host alone for more than 15 s at least, and for 12.5 minutes at most', () => {
    const { coolDown, pass, remaining } = clocked();
    for (const window of [18_750, 37_500, 75_000, 150_000, 300_000, 600_000, 750_000, 750_000]) {
      coolDown.failed(HOST, 'SshServerPenalty');
      assert.equal(remaining(), window);
      pass(window);
      coolDown.admit(HOST);
    }
    const least = new CoolDown(
      LIMITS,
      () => 0,
      () => 0
    );
    least.failed(HOST, 'SshServerPenalty');
    const admission = least.admit(HOST);
    assert.ok(!admission.admitted && admission.remainingMs >= 15_000);
  });

  it('takes the second failure in a row to connect for more than chance', () => {
    const { coolDown, remaining } = clocked();
    coolDown.failed(HOST, 'SshConnectRefused');
    assert.equal(remaining(), 0);
    coolDown.failed(HOST, 'SshBannerTimeout');
    assert.equal(remaining(), 10_000);
  });

  it('lets one connection try when the time is over, and the others wait for it', () => {
    const { coolDown, pass, remaining } = clocked();
    coolDown.failed(HOST, 'SshServerBusy');
    pass(5_000);
    assert.deepEqual(coolDown.admit(HOST), { admitted: true });
    assert.equal(remaining(), 2_000);
    coolDown.succeeded(HOST);
    assert.equal(remaining(), 0);
    assert.equal(remaining(), 0);
  });

  it('lets another one try when the first was cancelled or found something else', () => {
    for (const type of [undefined, 'SshAuthFailed'] as const) {
      const { coolDown, pass } = clocked();
      coolDown.failed(HOST, 'SshServerBusy');
      pass(5_000);
      assert.ok(coolDown.admit(HOST).admitted);
      coolDown.failed(HOST, type);
      assert.ok(coolDown.admit(HOST).admitted);
    }
  });

  it('keeps hosts apart, and forgets what was long ago', () => {
    const { coolDown, pass, remaining } = clocked();
    for (let i = 0; i < 5; i++) coolDown.failed(HOST, 'SshServerBusy');
    assert.ok(coolDown.admit('10.0.0.2:22').admitted);
    pass(3_600_000);
    coolDown.failed(HOST, 'SshServerBusy');
    assert.equal(remaining(), 5_000);
  });
});
