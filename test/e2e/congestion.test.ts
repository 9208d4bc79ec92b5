import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import type { HostConfig } from '../../ssh/hosts';
import { SshPlugin } from '../../worker';
import { hostConfig } from '../activities/mock-step';
import { startSshScript } from '../support/ssh-script';
import { startSshd } from '../support/sshd';
import type { RealSshd } from '../support/sshd';
import { startTcpScript } from '../support/tcp-script';
import { reset } from '../support/reset';
import { noTemporal, outcomeOf, useGround } from './ground';
import type { Outcome } from './ground';

const WORKFLOWS = 200;

/** What a busy machine may add to any delay. */
const SLACK_MS = 20_000;

const refusalsOf = (sshd: RealSshd): number => sshd.log().split('past MaxStartups').length - 1;

void describe('hosts in trouble, and many steps that want them', { skip: noTemporal, timeout: 240_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/steps'));
  const config = (server: RealSshd): HostConfig => hostConfig(server, { user: server.user });

  /** Runs so many workflows of one step each at once. */
  async function runAll(
    queue: string,
    count: number,
    options: object = {},
    meanwhile?: (handles: readonly WorkflowHandle[]) => Promise<void>
  ): Promise<readonly Outcome[]> {
    const starting = Array.from({ length: count }, () =>
      ground.start('step', queue, ['box', {}, 'true', options], 200)
    );
    const handles = await Promise.all(starting);
    await meanwhile?.(handles);
    return Promise.all(handles.map(outcomeOf));
  }

  void test(`${WORKFLOWS} workflows on one sshd with MaxStartups 2:50:10 all succeed, and it refuses at most 5 %`, async (t: TestContext) => {
    const sshd = await startSshd({ t, config: ['MaxStartups 2:50:10'] });
    const plugins = [new SshPlugin({ hosts: { hosts: { box: config(sshd) } }, pool: { coolDown: '1s' } })];
    // Temporal's dev server loses a task now and then when so many begin at once on a busy machine; `true` may run again.
    const options = { idempotent: true, heartbeatTimeout: '10s' };
    const outcomes = await ground.withWorker({ plugins }, async (queue) => runAll(queue, WORKFLOWS, options));
    assert.deepEqual(
      outcomes.map(({ failure }) => failure?.message).filter((message) => message !== undefined),
      []
    );
    const refused = refusalsOf(sshd);
    const logins = sshd.log().split('Accepted publickey').length - 1;
    t.diagnostic(`${refused} set-ups refused, ${logins} logins, ${WORKFLOWS} steps`);
    assert.ok(refused <= WORKFLOWS * 0.05, `${refused} set-ups were refused`);
  });

  void test('a host that is down costs no more dials than planned, and its steps follow its return', async (t: TestContext) => {
    const sshd = await startSshd({ t });
    await sshd.stop({ sessions: 'keep' });
    // In its place, so that each dial is seen: what a dead host's port forwarding does.
    const dead = await startTcpScript((socket) => reset(socket), { t, port: sshd.port });
    const [coolDownMs, maxCoolDownMs, downMs] = [100, 2_400, 12_000];
    const pool = { coolDown: coolDownMs, maxCoolDown: maxCoolDownMs };
    const plugins = [new SshPlugin({ hosts: { hosts: { box: config(sshd) } }, pool })];
    const retry = { initialInterval: '1s', maximumInterval: maxCoolDownMs };
    const options = { retry, idempotent: true };
    let returnedAt = 0;
    const outcomes = await ground.withWorker({ plugins }, async (queue) =>
      runAll(queue, 40, options, async () => {
        const downSince = Date.now();
        while (Date.now() - downSince < downMs) await new Promise((resolve) => setTimeout(resolve, 100));
        await dead.stop();
        await sshd.restart();
        returnedAt = Date.now();
      })
    );
    const lateMs = Date.now() - returnedAt;
    assert.equal(outcomes.filter(({ failure }) => failure).length, 0);
    // The first set-ups that begin together, and the one that follows them; then one probe for each cool-down, of which
    // jitter leaves half at least.
    let planned = 4 + 1;
    for (let passed = 0, window = 2 * coolDownMs; passed < downMs; window = Math.min(2 * window, maxCoolDownMs)) {
      passed += window / 2;
      planned += 1;
    }
    t.diagnostic(
      `${dead.sockets.length} dials in ${downMs} ms, planned at most ${planned}; the last step ${lateMs} ms after the return`
    );
    assert.ok(dead.sockets.length <= planned, `${dead.sockets.length} dials, planned ${planned}`);
    assert.ok(lateMs <= maxCoolDownMs * 1.25 + SLACK_MS, `the last step ended ${lateMs} ms after the return`);
  });

  void test('a wrong password is offered once in all, over all steps and attempts', async (t: TestContext) => {
    const script = await startSshScript({ t, onAuth: (context) => context.reject(['password']) });
    const box = hostConfig(script, { user: 'deploy', credential: { password: 'battery staple' } });
    const plugins = [new SshPlugin({ hosts: { hosts: { box } } })];
    const outcomes = await ground.withWorker({ plugins }, async (queue) => {
      const first = await runAll(queue, 30);
      return [...first, ...(await runAll(queue, 10, { idempotent: true }))];
    });
    assert.deepEqual([...new Set(outcomes.map(({ failure }) => failure?.type))], ['SshAuthFailed']);
    assert.equal(script.authMethods.filter((method) => method === 'password').length, 1);
  });
});
