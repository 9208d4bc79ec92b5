import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { dial } from '../../ssh/dial';
import { ProxyCommandStream } from '../../ssh/proxy-command';
import { freePort } from '../support/free-port';
import { assertNothingLeft } from '../support/handles';
import { descendantsOf } from '../support/processes';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { PATIENT, exec, fails, targetOf, timesOut } from './support/engine';
import type { ServerLike } from './support/engine';

/** A program that connects its standard input and output to a port, and one that has a child which does not hear TERM. */
const PIPE = `const s = require('net').connect(+process.argv[1], '127.0.0.1'); process.stdin.pipe(s).pipe(process.stdout); s.on('error', (e) => { console.error('pipe: \\u001b[31m' + e.code); process.exit(3); })`;

function pipeCommand(t: TestContext, { port }: ServerLike): string {
  const script = makeScratch({ t }).write('pipe.js', PIPE.replace('process.argv[1]', 'process.argv[2]'));
  return `${process.execPath} ${script} ${port}`;
}

/** Fails when something runs below this process afterwards that did not before; what is being collected is given time. */
async function assertNoProcessLeft<T>(fn: () => Promise<T>, withinMs = 5_000): Promise<T> {
  const below = (): readonly string[] => descendantsOf(process.pid).map(({ name, pid }) => `${name} ${pid}`);
  const before = below();
  const result = await fn();
  const deadline = Date.now() + withinMs;
  for (;;) {
    const left = below().filter((row) => !before.includes(row) && !row.startsWith('sshd'));
    if (left.length === 0) return result;
    if (Date.now() > deadline) assert.fail(`still runs: ${left.join(', ')}`);
    await delay(20);
  }
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => assert.fail('succeeded'),
    (error: unknown) => error
  );

/** Waits until a command has written its process id. */
async function pidIn(file: string): Promise<number> {
  const deadline = Date.now() + 10_000;
  while (!existsSync(file) || readFileSync(file, 'utf8').trim() === '') {
    assert.ok(Date.now() < deadline, `${file} was not written`);
    await delay(10);
  }
  return Number(readFileSync(file, 'utf8'));
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return true;
  }
}

describe('a proxy command', () => {
  it('leads to the host, with large output, and is gone afterwards', async (t) => {
    const sshd = await startSshd({ t });
    const target = targetOf(sshd, { address: 'nowhere.invalid', proxyCommand: pipeCommand(t, sshd) });
    const result = await assertNoProcessLeft(() => assertNothingLeft(() => exec(target, 'head -c 5000000 /dev/zero')));
    assert.equal(result.stdoutBytes, 5_000_000);
    assert.equal(result.hostKeyFingerprint, sshd.hostFingerprint);
  });

  it('may lead to a jump host', async (t) => {
    const [bastion, web] = [await startSshd({ t }), await startSshd({ t })];
    const via = targetOf(bastion, {
      name: 'bastion',
      address: 'nowhere.invalid',
      proxyCommand: pipeCommand(t, bastion),
    });
    const result = await assertNothingLeft(() => exec(targetOf(web, { via }), 'echo through'));
    assert.equal(result.stdout, 'through\n');
  });

  it('ends with its whole group, also what does not hear TERM, when the step is cancelled', async (t) => {
    const { path } = makeScratch({ t });
    const [one, two] = [join(path, 'one'), join(path, 'two')];
    const deaf = `trap "" TERM; echo $$ > ${two}; while :; do sleep 1; done`;
    const command = `sh -c 'echo $$ > ${one}; sh -c "$0" & wait' '${deaf}'`;
    const target = targetOf({ address: 'nowhere.invalid', port: 22 }, { proxyCommand: command });
    const abort = new AbortController();
    const reason = new Error('cancelled');
    await assertNothingLeft(async () => {
      const running = rejection(exec(target, 'true', { signal: abort.signal }));
      const pids = [await pidIn(one), await pidIn(two)];
      abort.abort(reason);
      assert.equal(await running, reason);
      for (const until = Date.now() + 5_000; !pids.every(isGone) && Date.now() < until;) await delay(20);
      assert.deepEqual(
        pids.filter((pid) => !isGone(pid)),
        []
      );
    });
  });

  it('ends when the connection is closed, and does not keep an idle process alive', async (t) => {
    const sshd = await startSshd({ t });
    const target = targetOf(sshd, { proxyCommand: pipeCommand(t, sshd) });
    // Closed is closed: nothing has to be waited for.
    await assertNoProcessLeft(async () => {
      const before = process.getActiveResourcesInfo().length;
      const connection = await dial(target, { deadlines: PATIENT });
      connection.keepProcessAlive(false);
      assert.ok(process.getActiveResourcesInfo().length <= before, process.getActiveResourcesInfo().join());
      connection.keepProcessAlive(true);
      assert.ok(connection.stream instanceof ProxyCommandStream);
      await connection.close();
    }, 0);
  });

  it('that is killed takes the command of the step with it', async (t) => {
    const sshd = await startSshd({ t });
    const pidFile = join(makeScratch({ t }).path, 'pid');
    const target = targetOf(sshd, { proxyCommand: `sh -c 'echo $$ > ${pidFile}; exec ${pipeCommand(t, sshd)}'` });
    const onOutput = (): void => void process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    const expected = { type: 'SshConnectionLost', stage: 'run', commandMayHaveRun: true } as const;
    await fails(target, expected, { command: 'echo begun; sleep 600', onOutput });
  });

  it('that cannot connect is a refused connection, with what it said, made fit for a log', async (t) => {
    const server = { address: 'h', port: await freePort() };
    const target = targetOf(server, { proxyCommand: pipeCommand(t, server) });
    const message = /its ProxyCommand ended with exit code 3 and said: "pipe: ECONNREFUSED"/;
    await fails(target, { type: 'SshConnectRefused', stage: 'connect', message });
  });

  it('that does not exist or may not run is a wrong configuration', async (t) => {
    const file = makeScratch({ t }).write('not-executable', 'x');
    for (const command of ['/no/such/program %h', file]) {
      const target = targetOf({ address: 'h', port: 22 }, { proxyCommand: command });
      await fails(target, { type: 'SshConfigInvalid', stage: 'config', message: /exit code 12[67] and said: / });
    }
  });

  it('that cannot be started, as without file descriptors, is a failure and not the end of the process', async () => {
    const source = `
      const fs = require('node:fs');
      const { dial } = require(${JSON.stringify(require.resolve('../../ssh/dial'))});
      const { resolveDeadlines } = require(${JSON.stringify(require.resolve('../../contract'))});
      const hostKeys = { preferredAlgorithms: [], check: () => ({ trusted: false, type: 'SshHostKeyUnknown', reason: '' }) };
      const target = { name: 'h', address: 'h', port: 22, user: 'u', auth: [], hostKeys, proxyCommand: 'cat' };
      const held = [];
      try { for (;;) held.push(fs.openSync('/dev/null')); } catch {}
      dial(target, { deadlines: resolveDeadlines() }).catch((error) => {
        for (const descriptor of held.splice(0, 20)) fs.closeSync(descriptor);
        console.log(error.type);
      });`;
    const command = `ulimit -n 200; exec ${process.execPath} -e "$0"`;
    const { stdout, status } = spawnSync('sh', ['-c', command, source], { encoding: 'utf8', timeout: 30_000 });
    assert.deepEqual([stdout, status], ['SshConnectUnreachable\n', 0]);
  });

  it('that ends well without a word is a closed connection, and what it said as a server counts', async () => {
    const silent = targetOf({ address: 'h', port: 22 }, { proxyCommand: 'true' });
    await fails(silent, { type: 'SshBannerClosed', stage: 'banner' });
    const busy = targetOf({ address: 'h', port: 22 }, { proxyCommand: "sh -c 'echo Exceeded MaxStartups; exit 1'" });
    await fails(busy, { type: 'SshServerBusy', stage: 'banner' });
    const killed = targetOf({ address: 'h', port: 22 }, { proxyCommand: "sh -c 'kill -9 $$'" });
    await fails(killed, { type: 'SshConnectRefused', stage: 'connect', message: /was ended by SIGKILL/ });
  });

  it('that says nothing is given up at the deadline for the banner', async () => {
    const target = targetOf({ address: 'h', port: 22 }, { proxyCommand: 'sleep 600' });
    const expected = { type: 'SshBannerTimeout', stage: 'banner', limitMs: 400 } as const;
    await assertNoProcessLeft(() => timesOut(target, expected, { deadlines: { banner: 400 } }));
  });

  it('gets no secrets from the environment, and its endless errors are not kept', async () => {
    process.env['TEMPORAL_SSH_TEST_SECRET'] = 'hunter2';
    try {
      const target = targetOf(
        { address: 'h', port: 22 },
        {
          proxyCommand:
            'sh -c \'head -c 3000000 /dev/zero | tr "\\0" x >&2; echo ${TEMPORAL_SSH_TEST_SECRET-unset} $PATH >&2; exit 1\'',
        }
      );
      const error = await fails(target, { type: 'SshConnectRefused', stage: 'connect', message: /xunset \// });
      assert.doesNotMatch(error.message, /hunter2/);
    } finally {
      delete process.env['TEMPORAL_SSH_TEST_SECRET'];
    }
  });
});
