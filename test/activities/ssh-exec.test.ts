import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { SshExecInput } from '../../contract';
import { MAX_COMMAND_BYTES, MAX_ENV_BYTES, MAX_STDIN_BYTES } from '../../contract';
import { assertNothingLeft } from '../support/handles';
import { exit, startSshScript } from '../support/ssh-script';
import { failureOf } from './failure-of';
import { hostsOf, mockStep } from './mock-step';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

void test('a success has every field of the contract, and leaves no socket and no timer', async (t) => {
  const script = await startSshScript({
    t,
    onExec: ({ accept }) => {
      const channel = accept();
      channel.stderr.write('warned\n');
      channel.write('done\n', () => exit(channel, 0));
    },
  });
  const result = await assertNothingLeft(async () =>
    mockStep({ hosts: hostsOf(script) }, { attempt: 3 }).run({ host: 'box', command: ['echo', 'a b'] })
  );
  const { stages, ...rest } = result;
  assert.deepEqual(rest, {
    host: 'box',
    hostKeyFingerprint: script.hostFingerprint,
    exitCode: 0,
    signal: null,
    stdout: 'done\n',
    stderr: 'warned\n',
    stdoutBytes: 5,
    stderrBytes: 7,
    stdoutSha256: sha256('done\n'),
    stderrSha256: sha256('warned\n'),
    truncated: false,
    invalidUtf8: false,
    reused: false,
    attempt: 3,
  });
  const names = ['connectMs', 'bannerMs', 'kexMs', 'authMs', 'channelMs', 'execMs', 'runMs'];
  assert.deepEqual(Object.keys(stages).sort(), [...names].sort());
  assert.ok(Object.values(stages).every((ms: unknown) => Number.isInteger(ms) && (ms as number) >= 0));
  assert.deepEqual(script.commands, [`echo 'a b'`]);
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result, 'plain JSON');
});

void test('an exit code of okExitCodes is a result', async (t) => {
  const script = await startSshScript({ t, onExec: ({ accept }) => exit(accept(), 3) });
  const step = mockStep({ hosts: hostsOf(script) });
  assert.equal((await step.run({ host: 'box', command: 'x', okExitCodes: [0, 3] })).exitCode, 3);
});

const INVALID: Readonly<Record<string, { readonly input: unknown; readonly message: RegExp }>> = {
  'no input': { input: undefined, message: /input: expected an object, found nothing/ },
  null: { input: null, message: /input: expected an object, found null/ },
  'a list': { input: ['box', 'x'], message: /input: expected an object, found a list of 2/ },
  'no host': { input: { command: 'x' }, message: /host: expected a host's name, found nothing/ },
  'an empty host': { input: { host: '', command: 'x' }, message: /host: .* an empty string/ },
  'no command': { input: { host: 'box' }, message: /command: / },
  'an empty command': { input: { host: 'box', command: ' ' }, message: /command: .*an empty command/ },
  'an empty list': { input: { host: 'box', command: [] }, message: /command: .*an empty list/ },
  'a list with a number': { input: { host: 'box', command: ['sleep', 5] }, message: /whose item 1 is no string/ },
  'a NUL': { input: { host: 'box', command: 'a\0b' }, message: /without NUL, found NUL at character 1/ },
  'a long command': {
    input: { host: 'box', command: 'x'.repeat(MAX_COMMAND_BYTES + 1) },
    message: /at most \d+ bytes/,
  },
  'an unknown option': { input: { host: 'box', command: 'x', retires: 1 }, message: /retires: .* an unknown option/ },
  'an unknown timeout': {
    input: { host: 'box', command: 'x', timeouts: { bannner: 1 } },
    message: /timeouts\.bannner/,
  },
  'no duration': {
    input: { host: 'box', command: 'x', timeouts: { run: 'soon' } },
    message: /timeouts\.run: .*"soon"/,
  },
  'a timeout of 0': { input: { host: 'box', command: 'x', timeouts: { run: 0 } }, message: /timeouts\.run: / },
  'idempotent "yes"': { input: { host: 'box', command: 'x', idempotent: 'yes' }, message: /idempotent: / },
  'long stdin': { input: { host: 'box', command: 'x', stdin: 'x'.repeat(MAX_STDIN_BYTES + 1) }, message: /stdin: / },
  'an env name': { input: { host: 'box', command: 'x', env: { 'A;b': 'v' } }, message: /env\."A;b"/ },
  'a large env': {
    input: { host: 'box', command: 'x', env: { A: 'x'.repeat(MAX_ENV_BYTES) } },
    message: /env: at most|env: /,
  },
  'an exit code': { input: { host: 'box', command: 'x', okExitCodes: [256] }, message: /okExitCodes: / },
  'much output': { input: { host: 'box', command: 'x', maxOutputBytes: 2 ** 30 }, message: /maxOutputBytes: / },
  'an encoding': { input: { host: 'box', command: 'x', outputEncoding: 'latin1' }, message: /outputEncoding: / },
};

for (const [name, { input, message }] of Object.entries(INVALID)) {
  void test(`invalid input, ${name}: SshInvalidOptions, and nothing is sent`, async (t) => {
    const script = await startSshScript({ t });
    const step = mockStep({ hosts: hostsOf(script) });
    const failure = await failureOf(step.run(input as SshExecInput));
    assert.equal(failure.type, 'SshInvalidOptions');
    assert.equal(failure.nonRetryable, true);
    assert.match(failure.message, message);
    assert.equal(failure.details.stage, 'config');
    assert.equal(failure.details.commandMayHaveRun, false);
    assert.equal(script.sockets.length, 0, 'no connection was made');
  });
}

void test('everything that is wrong is told at once, and no value of env', async (t) => {
  const script = await startSshScript({ t });
  const env = { GOOD: 'canary-value', BAD: 5 } as unknown as Record<string, string>;
  const input = { host: 'box', command: 'x', env, pty: 1, cwd: '' } as unknown as SshExecInput;
  const { message } = await failureOf(mockStep({ hosts: hostsOf(script) }).run(input));
  for (const option of ['env.BAD', 'pty', 'cwd']) assert.ok(message.includes(`${option}: expected`), message);
  assert.doesNotMatch(message, /canary/);
});

void test('an unknown host names what is known; nothing is sent', async (t) => {
  const script = await startSshScript({ t });
  const failure = await failureOf(mockStep({ hosts: hostsOf(script) }).run({ host: 'bux', command: 'x' }));
  assert.deepEqual([failure.type, failure.nonRetryable, failure.details.host], ['SshUnknownHost', true, 'bux']);
  assert.match(failure.message, /Did you mean "box"\?/);
  assert.equal(script.sockets.length, 0);
});

void test('an attempt after one that was cut off behind the exec request sends nothing, unless idempotent', async (t) => {
  const script = await startSshScript({ t });
  const refused = [
    { heartbeatDetails: { phase: 'run', stdoutBytes: 0, stderrBytes: 0 } },
    { heartbeatDetails: { phase: 'exec', stdoutBytes: 0, stderrBytes: 0 } },
  ];
  for (const info of refused) {
    const failure = await failureOf(
      mockStep({ hosts: hostsOf(script) }, { attempt: 2, ...info }).run({ host: 'box', command: 'x' })
    );
    assert.deepEqual([failure.type, failure.nonRetryable], ['SshOutcomeUnknown', true]);
    assert.equal(failure.details.commandMayHaveRun, true);
  }
  assert.equal(script.sockets.length, 0);

  const harmless = [
    { info: { attempt: 2, ...refused[0] }, more: { idempotent: true } },
    // The request for the pseudo-terminal goes before the one for the command: that one may have got lost.
    { info: { attempt: 2, ...refused[1] }, more: { pty: true } },
    { info: { attempt: 2, heartbeatDetails: { phase: 'channel', stdoutBytes: 0, stderrBytes: 0 } }, more: {} },
    { info: { attempt: 2, heartbeatDetails: undefined }, more: {} },
  ];
  for (const { info, more } of harmless) {
    const result = await mockStep({ hosts: hostsOf(script) }, info).run({ host: 'box', command: 'x', ...more });
    assert.equal(result.exitCode, 0);
  }
  assert.equal(script.commands.length, harmless.length);
});

void test('drainTimeout is checked when the activities are made', () => {
  const make = (drainTimeout: unknown): unknown => mockStep({ hosts: { hosts: {} }, drainTimeout } as never);
  assert.throws(() => make('a while'), /drainTimeout: expected .*found "a while"/);
  assert.throws(() => make(-1), /drainTimeout/);
});
