import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { AuthContext, KeyboardAuthContext } from 'ssh2';
import { readCredential } from '../../ssh/hosts/credential';
import type { Credential } from '../../ssh/hosts/host-config';
import { PrivateKeyCache } from '../../ssh/hosts/private-key';
import type { AuthMethod } from '../../ssh/target';
import { exec, fails, targetOf } from './support/engine';
import { startWireServer } from './support/wire-server';
import type { Wire, WireServer } from './support/wire-server';

/** A round as PAM would have it: what is asked, what must be answered. */
interface Round {
  readonly instruction?: string;
  readonly prompts: readonly (string | { readonly prompt: string; readonly echo: boolean })[];
  readonly answers?: readonly string[];
}

interface Pam extends WireServer {
  /** All that was answered, right or wrong. */
  readonly answered: (readonly string[])[];
}

/** A server that takes keyboard-interactive, and lists it beside `others`. */
async function startPam(
  t: TestContext,
  rounds: readonly Round[] | ((round: number) => Round),
  { others = [], onOther }: { others?: readonly string[]; onOther?: (context: AuthContext, wire: Wire) => void } = {}
): Promise<Pam> {
  const answered: (readonly string[])[] = [];
  const list = ['keyboard-interactive', ...others] as never[];
  const ask = (context: KeyboardAuthContext, index: number): void => {
    const round = typeof rounds === 'function' ? rounds(index) : rounds[index];
    if (!round) return context.accept();
    const prompts = round.prompts.map((prompt) => (typeof prompt === 'string' ? { prompt, echo: false } : prompt));
    context.prompt(prompts, 'PAM', round.instruction ?? '', (answers) => {
      answered.push(answers);
      if (JSON.stringify(answers) === JSON.stringify(round.answers ?? [])) ask(context, index + 1);
      else context.reject(list);
    });
  };
  const server = await startWireServer(t, {
    onExec: (wire) => void wire.success().exitStatus(0).eof().close(),
    onAuth: (context, wire) => {
      if (context.method === 'keyboard-interactive') ask(context, 0);
      else if (onOther && context.method !== 'none') onOther(context, wire);
      else context.reject(list);
    },
  });
  return Object.assign(server, { answered });
}

function auth(credential: Credential): readonly AuthMethod[] {
  const { methods, problems } = readCredential(credential, { baseDir: '/', keys: new PrivateKeyCache() });
  assert.deepEqual(problems, []);
  return methods;
}

const failed = { stage: 'auth', type: 'SshAuthFailed' } as const;
const expired = { stage: 'auth', type: 'SshAuthPasswordExpired' } as const;

void test('a password answers the only prompt for it', async (t) => {
  for (const prompt of [
    'Password: ',
    "deploy@web-1's password:",
    '(deploy@web-1) Password for deploy:',
    'LDAP Password: ',
  ]) {
    const pam = await startPam(t, [{ prompts: [prompt], answers: ['correct horse'] }, { prompts: [] }]);
    const target = targetOf(pam, { auth: auth({ password: 'correct horse' }) });
    assert.equal((await exec(target)).exitCode, 0, prompt);
    assert.deepEqual(pam.authMethods, ['none', 'keyboard-interactive']);
  }
});

void test('a wrong password is given once, and not as a password either', async (t) => {
  const pam = await startPam(t, [{ prompts: ['Password: '], answers: ['correct horse'] }], { others: ['hostbased'] });
  const target = targetOf(pam, { auth: auth({ password: 'battery staple' }) });
  const message = /refused keyboard-interactive \(password\); it accepts keyboard-interactive, hostbased/;
  const error = await fails(target, { ...failed, message });
  assert.doesNotMatch(`${error.message}${error.stack}`, /battery staple/);
  assert.deepEqual(pam.answered, [['battery staple']]);
});

void test('the method password goes before, where the server lists it', async (t) => {
  const pam = await startPam(t, [{ prompts: ['Password: '], answers: ['x'] }], {
    others: ['password'],
    onOther: (context) => (context.method === 'password' ? context.accept() : context.reject()),
  });
  assert.equal((await exec(targetOf(pam, { auth: auth({ password: 'x' }) }))).exitCode, 0);
  assert.deepEqual(pam.authMethods, ['none', 'password']);
});

void test('several rounds, with rounds of nothing between', async (t) => {
  const pam = await startPam(t, [
    { instruction: 'Welcome', prompts: [] },
    { prompts: ['Password: '], answers: ['correct horse'] },
    { prompts: [{ prompt: 'Verification code: ', echo: true }, 'PIN'], answers: ['123456', '42'] },
    { prompts: [] },
  ]);
  const keyboardInteractive = [
    { prompt: 'verification CODE', answer: '123456' },
    { prompt: '/^pin$/', answer: '42' },
  ];
  const target = targetOf(pam, { auth: auth({ password: 'correct horse', keyboardInteractive }) });
  assert.equal((await exec(target)).exitCode, 0);
  assert.deepEqual(pam.answered, [[], ['correct horse'], ['123456', '42'], []]);
});

void test('no secret is given to a prompt that it is not for', async (t) => {
  const prompts = [
    'One-time password (OATH) for deploy: ',
    'Verification code: ',
    'Passcode or option (1-3): ',
    'Password for another thing, to be echoed',
    'Password of your bank: ',
    'Type anything: ',
  ];
  for (const prompt of prompts) {
    const pam = await startPam(t, [{ prompts: [`\x1b[31m${prompt}`], answers: ['never'] }]);
    const quoted = prompt.trim().replace(/[()]/g, '\\$&');
    const error = await fails(targetOf(pam, { auth: auth({ password: 'correct horse' }) }), {
      ...failed,
      message: new RegExp(`asks "${quoted}" \\(keyboard-interactive\\), for which no answer is left`),
    });
    assert.doesNotMatch(error.message, /correct horse/);
    assert.deepEqual(pam.answered, []);
  }
  const echoed = await startPam(t, [{ prompts: [{ prompt: 'Password: ', echo: true }] }]);
  await fails(targetOf(echoed, { auth: auth({ password: 'x' }) }), { ...failed, message: /asks "Password:"/ });
  const two = await startPam(t, [{ prompts: ['Password: ', 'Code: '] }]);
  const message = /asks 2 questions at once, "Password:" among them .*a password answers only a single one/;
  await fails(targetOf(two, { auth: auth({ password: 'x' }) }), { ...failed, message });
  assert.deepEqual([echoed.answered, two.answered], [[], []]);
});

void test('a prompt that is asked again gets no second answer', async (t) => {
  const pam = await startPam(t, () => ({ prompts: ['Code: '], answers: ['1'] }));
  const target = targetOf(pam, { auth: auth({ keyboardInteractive: [{ prompt: 'code', answer: '1' }] }) });
  await fails(target, { ...failed, message: /asks "Code:".*asked again was answered wrongly/ });
  assert.deepEqual(pam.answered, [['1']]);
});

void test('rounds without end', async (t) => {
  const pam = await startPam(t, () => ({ prompts: [] }));
  const target = targetOf(pam, { auth: auth({ password: 'x' }) });
  await fails(target, { ...failed, message: /asked more than 16 rounds of questions/ });
  assert.ok(pam.answered.length <= 16, `${pam.answered.length} rounds`);
});

void test('a password that must be changed', async (t) => {
  const first = { prompts: ['Password: '], answers: ['aged'] };
  const instruction = 'You are required to change your password immediately (administrator enforced).';
  const changes: readonly Round[][] = [
    [first, { instruction, prompts: ['Current password: '] }],
    [first, { prompts: ['New password: '] }],
    [first, { prompts: ['(current) UNIX password: '] }],
    [first, { instruction, prompts: [] }, { prompts: ['Enter something: '] }],
    [
      { instruction: 'Password expired. Change your password now.', prompts: [] },
      { prompts: ['Retype new password: '] },
    ],
  ];
  for (const rounds of changes) {
    const pam = await startPam(t, rounds);
    // The answer matches, and is not given all the same: it would become the new password.
    const keyboardInteractive = [{ prompt: '/^(new|retype|current)/', answer: 'something else' }];
    const target = targetOf(pam, { auth: auth({ password: 'aged', keyboardInteractive }) });
    const error = await fails(target, expired);
    assert.doesNotMatch(error.message, /aged|something else/);
    assert.ok(pam.answered.every((answers) => !answers.includes('something else')));
  }
});

void test('an account that is expired is no lost connection', async (t) => {
  const text = 'Your account has expired; please contact your system administrator.';
  const pam = await startPam(t, [
    { prompts: ['Password: '], answers: ['x'] },
    { instruction: text, prompts: [], answers: ['no'] },
  ]);
  const target = targetOf(pam, { auth: auth({ password: 'x' }) });
  await fails(target, {
    ...failed,
    serverText: /Your account has expired/,
    message: /says that the account is closed/,
  });
  // As sshd does for a key: PAM's word as a banner, then the end.
  const key = await startWireServer(t, {
    onAuth: (_context, wire) => {
      wire.banner(text);
      wire.socket.end();
    },
  });
  await fails(targetOf(key), { ...failed, serverText: /Your account has expired/ });
  // A warning and a loss are no end of an account.
  const warned = await startWireServer(t, {
    onAuth: (_context, wire) => {
      wire.banner('Your account will be locked after 3 failures. Your password will expire in 3 days.');
      wire.socket.end();
    },
  });
  await fails(targetOf(warned), { stage: 'auth', type: 'SshConnectionLost' });
});
