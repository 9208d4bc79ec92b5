import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import type { SshRollout, SshRunbook } from '../../contract';
import { releaseOf } from '../../examples/release/release-of';
import { SshPlugin } from '../../worker';
import { noTemporal, outcomeOf, useGround } from './ground';
import { noHeldHosts, useHeldHosts } from './held-hosts';
import type { Phase } from './held-hosts';

const HOSTS = ['web-1', 'web-2', 'web-3'] as const;
const FILES = { current: 'v1\n', service: 'in\n', refuses: '' };
const UNTOUCHED = Object.keys(FILES).sort();

/** What a step tells of itself when nothing stops it. */
const whole = (host: string, ...steps: readonly string[]): readonly string[] =>
  steps.flatMap((step) => [`${host} ${step} begin`, `${host} ${step} end`]);

/** Both moments of each step. */
const moments = (steps: readonly string[]): readonly (readonly [string, Phase])[] =>
  steps.flatMap((step) => [[step, 'begin'] as const, [step, 'end'] as const]);

void describe('cancelled at every step', { skip: noTemporal || noHeldHosts, timeout: 280_000 }, () => {
  const ground = useGround(require.resolve('../../workflows/ready-made'));
  const fleet = useHeldHosts(HOSTS);
  let plugin: SshPlugin;
  before(() => {
    plugin = new SshPlugin({ hosts: fleet.hosts });
  });

  /** Runs a workflow that is cancelled while a step of it is held, for each of some moments. */
  async function cancelledAt(
    workflow: string,
    definition: SshRollout | SshRunbook,
    at: readonly { readonly host: string; readonly step: string; readonly phase: Phase }[],
    check: (at: { readonly host: string; readonly step: string; readonly phase: Phase }, where: string) => void
  ): Promise<void> {
    // One queue for all: the gates of the hosts live on the one where they were first asked for.
    const worker = { taskQueue: 'cancelled', plugins: [plugin], maxHeartbeatThrottleInterval: 50 };
    await ground.withWorker(worker, async (queue) => {
      for (const moment of at) {
        const { host, step, phase } = moment;
        fleet.reset(FILES);
        fleet.hold(host, step, phase);
        const handle = await ground.start(workflow, queue, [definition]);
        await fleet.held(host);
        await handle.cancel();
        const { error } = await outcomeOf(handle);
        const where = `${host} ${step} ${phase}`;
        assert.ok(error instanceof CancelledFailure, `${where}: ${String(error)}`);
        check(moment, where);
        await fleet.assertNothingRuns();
      }
    });
  }

  void test('the release: the host under way is undone and restored, then those before it, the last first', async () => {
    const release = releaseOf('v2');
    const parts = ['drain', 'change', 'check', 'restore'] as const;
    const definition: SshRollout = {
      ...release,
      hosts: HOSTS,
      batch: 1,
      maxUnavailable: 1,
      ...Object.fromEntries(parts.map((part) => [part, release[part]?.map(withoutSoak).map(fleet.told)])),
    };
    const steps = ['drain', 'install', 'health', 'restore'];
    // Every step on every host; at both of its moments on the one that is neither the first nor the last.
    const at = HOSTS.flatMap((host) => moments(steps).map(([step, phase]) => ({ host, step, phase }))).filter(
      ({ host, phase }) => host === 'web-2' || phase === (host === 'web-1' ? 'end' : 'begin')
    );
    await cancelledAt('sshRollout', definition, at, ({ host, step, phase }, where) => {
      const index = HOSTS.indexOf(host as (typeof HOSTS)[number]);
      const [done, untouched] = [HOSTS.slice(0, index), HOSTS.slice(index + 1)];
      const until = whole(host, ...steps).indexOf(where) + 1;
      assert.deepEqual(
        fleet.order(),
        [
          ...done.flatMap((each) => whole(each, ...steps)),
          ...whole(host, ...steps).slice(0, until),
          ...(step === 'drain' ? [] : whole(host, 'undo-install')),
          ...whole(host, 'restore'),
          ...[...done].reverse().flatMap((each) => whole(each, 'drain', 'undo-install', 'restore')),
        ],
        `${where} ${phase}`
      );
      for (const each of HOSTS) {
        assert.equal(fleet.read(each, 'current'), 'v1', where);
        assert.equal(fleet.read(each, 'service'), 'in', where);
        assert.equal(fleet.read(each, 'before-v2'), undefined, where);
      }
      for (const each of untouched) assert.deepEqual(fleet.files(each), UNTOUCHED, where);
    });
  });

  void test('a runbook: all that was registered is undone once, last first', async () => {
    const names = ['stop', 'copy', 'start'];
    const hosts = HOSTS.slice(0, 2);
    const definition: SshRunbook = {
      name: 'release',
      hosts,
      steps: names.map((name) =>
        fleet.told({ name, atOnce: 1, exec: `echo > "$HOME/${name}"`, undo: { exec: `rm -f "$HOME/${name}"` } })
      ),
    };
    const all = names.flatMap((step) => hosts.map((host) => ({ host, step })));
    const at = all.flatMap(({ host, step }) => moments([step]).map(([, phase]) => ({ host, step, phase })));
    await cancelledAt('sshRunbook', definition, at, ({ host, step }, where) => {
      const begun = all.slice(0, all.findIndex((each) => each.host === host && each.step === step) + 1);
      const forward = all.flatMap((each) => whole(each.host, each.step));
      assert.deepEqual(
        fleet.order(),
        [
          ...forward.slice(0, forward.indexOf(where) + 1),
          ...[...begun].reverse().flatMap((each) => whole(each.host, `undo-${each.step}`)),
        ],
        where
      );
      for (const each of HOSTS) assert.deepEqual(fleet.files(each), UNTOUCHED, where);
    });
  });
});

/** One good look is enough here. */
function withoutSoak<Step extends object>(step: Step): Step {
  return Object.fromEntries(Object.entries(step).filter(([name]) => name !== 'soak')) as Step;
}
