import assert from 'node:assert/strict';
import { existsSync, lstatSync } from 'node:fs';
import { eventually } from '../../support/fault-host';
import type { FaultHost } from '../../support/fault-host';
import { expectFields } from '../row';
import type { FaultRow } from '../row';

/** Starts a job that says when it is where the row wants it. */
function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

async function started(host: FaultHost, script: string): Promise<void> {
  const answer = await host.request('start', 'j', {
    script: `${script.replace('READY', `: >'${host.scratch}/ready'`)}`,
  });
  expectFields(answer, { new: '1' });
  await eventually(
    () => existsSync(`${host.scratch}/ready`),
    () => `the job did not come up: ${answer.text}`
  );
}

async function cancelled(host: FaultHost, ends: Readonly<Record<string, string>> = {}): Promise<void> {
  const answer = await host.request('cancel', 'j', { reason: 'no%20more' });
  expectFields(answer, { state: 'done', why: 'cancel', reason: 'no%20more', left: 'none', ...ends });
  await host.assertQuiet();
}

const FOREVER = 'while :; do sleep 5; done';

/** A cancel ends all of a job, and proves it. */
export const CANCELS: readonly FaultRow[] = [
  {
    name: 'cancel: plain',
    run: async (host: FaultHost): Promise<void> => {
      await started(host, `READY\nexec sleep 600`);
      await cancelled(host, { kind: 'S', code: '15' });
    },
  },
  {
    name: 'cancel: TERM trapped, with an exit code of its own',
    run: async (host: FaultHost): Promise<void> => {
      await started(host, `trap 'exit 7' TERM\nREADY\n${FOREVER}`);
      await cancelled(host, { kind: 'E', code: '7' });
    },
  },
  {
    name: 'cancel: TERM ignored by the job and its children',
    run: async (host: FaultHost): Promise<void> => {
      await started(host, `trap '' TERM\n(${FOREVER}) &\nREADY\n${FOREVER}`);
      await cancelled(host, { kind: 'S', code: '9' });
    },
  },
  {
    name: 'cancel: a daemon by double fork',
    run: async (host: FaultHost): Promise<void> => {
      await started(host, `(setsid setsid sh -c 'trap "" TERM; sleep 600; :' &)\nREADY\n${FOREVER}`);
      await cancelled(host);
    },
  },
  {
    name: 'cancel: a child in a session of its own, with an empty environment',
    run: async (host: FaultHost): Promise<void> => {
      await started(host, `env -i PATH="$PATH" setsid sh -c 'trap "" TERM; sleep 600; :' &\nREADY\n${FOREVER}`);
      await cancelled(host);
    },
  },
  {
    name: 'cancel: a stopped job',
    run: async (host: FaultHost): Promise<void> => {
      await started(host, `READY\nkill -STOP $$\n${FOREVER}`);
      await cancelled(host);
    },
  },
  {
    name: 'cancel: twice, and both at once',
    run: async (host: FaultHost): Promise<void> => {
      await started(host, `trap '' TERM\nREADY\n${FOREVER}`);
      const answers = await Promise.all([host.request('cancel', 'j'), host.request('cancel', 'j')]);
      for (const answer of answers) expectFields(answer, { state: 'done', why: 'cancel', left: 'none' });
      expectFields(await host.request('cancel', 'j'), { state: 'done', why: 'cancel', left: 'none' });
    },
  },
  {
    name: 'cancel: after the end changes nothing',
    run: async (host: FaultHost): Promise<void> => {
      await host.request('run', 'j', { script: host.counted('exit 4') });
      expectFields(await host.request('cancel', 'j'), { state: 'done', kind: 'E', code: '4', why: undefined });
    },
  },
  {
    name: 'cancel: before the start, which then runs nothing',
    run: async (host: FaultHost): Promise<void> => {
      expectFields(await host.request('cancel', 'j', { reason: 'early' }), { state: 'void', why: 'cancel' });
      expectFields(await host.request('run', 'j', { script: host.counted() }), { state: 'void', reason: 'early' });
      assert.equal(host.count, 0);
    },
  },
  {
    name: 'cancel: the connection is lost right after the request',
    run: async (host: FaultHost): Promise<void> => {
      await started(host, `trap '' TERM\nREADY\n${FOREVER}`);
      const { cut, answer } = host.send('cancel', 'j', { reason: 'lost' }, { alone: true });
      await eventually(() => isLink(host.path('j', 'cancel')), 'no cancel was written');
      await cut();
      await answer;
      await host.assertQuiet();
      expectFields(await host.request('status', 'j'), { state: 'done', why: 'cancel', reason: 'lost', left: 'none' });
    },
  },
  {
    name: 'cancel: the follower is told of it, with the proof',
    run: async (host: FaultHost): Promise<void> => {
      await started(host, `echo first\nREADY\n${FOREVER}`);
      const following = host.request('follow', 'j');
      await cancelled(host);
      const answer = await following;
      expectFields(answer, { state: 'done', why: 'cancel', left: 'none' });
      assert.equal(answer.stdout.toString(), 'first\n');
    },
  },
  ...(
    [
      ['deadline', { deadline: 1 }, 'sleep 600'],
      ['lease', { lease: 1 }, 'sleep 600'],
      ['log-limit', { maxlog: 1_000 }, 'while :; do echo 0123456789012345678901234567890123456789; done'],
    ] as const
  ).map(([why, guard, script]) => ({
    name: `the host's own guard ends a job: ${why}`,
    run: async (host: FaultHost) => {
      await host.request('start', 'j', { script, ...guard });
      await host.assertQuiet();
      expectFields(await host.request('status', 'j'), { state: 'done', why, left: 'none' });
    },
  })),
  {
    name: 'start against cancel: one of both, a hundred times at random',
    run: async (host: FaultHost): Promise<void> => {
      for (let round = 0; round < 25; round += 1) {
        const ids = [0, 1, 2, 3].map((lane) => `j-${round}-${lane}`);
        await Promise.all(
          ids.map(async (id, lane) => {
            const start = host.request('start', id, { script: `echo x >'${host.scratch}/${id}'\nexec sleep 600` });
            // Not at the same moment each time: a cancel takes fewer steps than a start.
            if (lane > 0) await new Promise((resolve) => setTimeout(resolve, (round * lane) % 60));
            await host.request('cancel', id);
            await start;
            const { fields, text } = await host.request('status', id);
            assert.ok(fields.state === 'done' || fields.state === 'void', text);
            if (fields.state === 'void') assert.equal(existsSync(`${host.scratch}/${id}`), false, text);
          })
        );
      }
    },
  },
];
