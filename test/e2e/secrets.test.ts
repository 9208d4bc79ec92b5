import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { hostConfig } from '../activities/mock-step';
import { makeKeyFiles } from '../support/key-files';
import { descendantsOf } from '../support/processes';
import { makeScratch } from '../support/scratch';
import { exit, startSshScript } from '../support/ssh-script';
import type { SshScript } from '../support/ssh-script';
import { noTemporal, outcomeOf, useGround } from './ground';
import { startWorkerProcess } from './worker-process';
import type { WorkerProcess } from './worker-process';

const canary = (name: string): string => `canary-${name}-${randomBytes(8).toString('hex')}`;

void describe('secrets stay on the worker', { skip: noTemporal, timeout: 120_000 }, () => {
  const ground = useGround(require.resolve('../workflows/fixtures/steps'));
  const scratch = makeScratch();
  const taskQueue = 'secrets';
  const secrets: Record<string, string> = {};
  /** Not secret for the history, but nobody else's business: what steps are given. */
  const inputs = { command: canary('command'), env: canary('env'), stdin: canary('stdin') };
  let script: SshScript;
  let worker: WorkerProcess;
  let cmdlines = '';

  before(async () => {
    script = await startSshScript({
      onAuth: (context) => {
        if (context.method === 'password')
          return context.password === secrets['password'] ? context.accept() : context.reject();
        if (context.method === 'publickey') context.accept();
        else context.reject(['publickey', 'password']);
      },
      onExec: ({ accept, command }) => {
        const channel = accept();
        if (command.includes('exit 1')) return exit(channel, 1);
        setTimeout(() => exit(channel, 0), 1_500);
      },
    });
    const [plain, locked] = ['plain', 'locked'].map((name) => join(scratch.path, name)) as [string, string];
    Object.assign(secrets, { passphrase: canary('passphrase'), wrong: canary('wrong'), password: canary('password') });
    makeKeyFiles(plain);
    makeKeyFiles(locked, { passphrase: secrets['passphrase'] ?? '' });
    const text = readFileSync(plain, 'utf8');
    // A line from the middle of each private key.
    secrets['key from env'] = text.split('\n')[3] ?? '';
    secrets['key from file'] = readFileSync(locked, 'utf8').split('\n')[3] ?? '';
    assert.ok(Object.values(secrets).every((value) => value.length > 20));

    const host = (credential: object): object => ({ ...hostConfig(script), credential });
    const hosts = {
      env: host({ privateKey: { env: 'KEY_TEXT' } }),
      file: host({ privateKeyFile: locked, passphrase: { env: 'PASSPHRASE' } }),
      password: host({ password: { env: 'PASSWORD' } }),
      refused: host({ password: { env: 'WRONG' } }),
    };
    worker = await startWorkerProcess(
      {
        address: ground.temporal.address,
        taskQueue,
        codePath: scratch.write('bundle.js', ground.workflowBundle.code),
        hosts: scratch.write('hosts.json', JSON.stringify({ hosts })),
        options: { maxHeartbeatThrottleInterval: 100 },
      },
      {
        env: {
          KEY_TEXT: text,
          PASSPHRASE: secrets['passphrase'] ?? '',
          PASSWORD: secrets['password'] ?? '',
          WRONG: secrets['wrong'] ?? '',
        },
      }
    );
  });
  after(async () => {
    await worker.stop();
    await script.stop();
    scratch.remove();
  });

  /** A history as it is exported, with its payloads decoded beside it. */
  async function historyText(handle: WorkflowHandle): Promise<string> {
    const json = historyToJSON(await handle.fetchHistory());
    const payloads = [...json.matchAll(/"data": ?"([\w+/=]+)"/g)].map(([, data = '']) =>
      Buffer.from(data, 'base64').toString()
    );
    return [json, ...payloads].join('\n');
  }

  function assertWithout(what: string, text: string, values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) {
      assert.ok(!text.includes(value), `${what} holds the ${name}`);
      assert.ok(
        !text.includes(Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -2)),
        `${what}, base64: ${name}`
      );
      assert.ok(!text.includes(JSON.stringify(value).slice(1, -1)), `${what}, as JSON: ${name}`);
    }
  }

  /** All that the machine shows of other processes. */
  function commandLines(): string {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        } catch {
          return '';
        }
      })
      .join('\n');
  }

  function environmentsBelow(pid: number): string {
    return descendantsOf(pid)
      .map((child) => {
        try {
          return readFileSync(`/proc/${child.pid}/environ`, 'latin1');
        } catch {
          return '';
        }
      })
      .join('\n');
  }

  const { command, env, stdin } = inputs;

  for (const [host, then] of Object.entries({ env: 'exit 0', file: 'exit 0', password: 'exit 1', refused: 'exit 0' })) {
    void test(`host ${host}: nothing in history, heartbeats, failures and command lines`, async () => {
      const handle = await ground.start('step', taskQueue, [
        host,
        {},
        `echo ${command}; ${then}`,
        { env: { NAME: env }, stdin, heartbeatTimeout: '2s' },
      ]);
      let over = false;
      const ending = outcomeOf(handle).finally(() => (over = true));
      let beats = 0;
      while (!over) {
        const { raw } = await handle.describe();
        const [pending] = raw.pendingActivities ?? [];
        const text = Buffer.from(pending?.heartbeatDetails?.payloads?.[0]?.data ?? []).toString();
        if (text !== '') beats += 1;
        assertWithout('the heartbeat', text, { ...secrets, ...inputs });
        assertWithout('the last failure', JSON.stringify(pending?.lastFailure ?? {}), { ...secrets, ...inputs });
        cmdlines += commandLines();
        assertWithout('a child of the worker', environmentsBelow(worker.pid), secrets);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const { failure, result } = await ending;
      const expected = { env: undefined, file: undefined, password: 'SshExitStatus', refused: 'SshAuthFailed' };
      assert.equal(failure?.type, expected[host as keyof typeof expected], failure?.message);
      assertWithout('the failure', JSON.stringify(failure ?? {}), { ...secrets, ...inputs });
      if (failure === undefined) assert.ok(result !== undefined && beats > 0, 'heartbeats were seen');
      const history = await historyText(handle);
      assert.ok(history.includes(stdin), 'the search finds what is there');
      assertWithout('the history', history, secrets);
      const summaries = /"summary"[^]*?"data": ?"([\w+/=]+)"/.exec(history)?.[1] ?? '';
      assert.equal(Buffer.from(summaries, 'base64').toString(), `"exec on ${host}"`);
    });
  }

  void test('nothing in what the worker logs, whatever the level, nor in the command line of any process', () => {
    const log = worker.log();
    assert.match(log, /Activity failed/);
    assertWithout('the log', log, secrets);
    // At TRACE the SDK itself logs what it is given.
    const ours = log.split(/\n(?=\S)/).filter((line) => !line.includes('[TRACE]'));
    assertWithout('the log without TRACE', ours.join('\n'), inputs);
    assertWithout('a command line', cmdlines, { ...secrets, ...inputs });
  });
});
