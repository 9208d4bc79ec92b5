import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthContext } from 'ssh2';
import { CredentialGuard } from '../../../ssh/pool/credential-guard';
import type { CredentialTurn } from '../../../ssh/pool/credential-guard';
import type { SshTarget } from '../../../ssh/target';
import { startSshScript } from '../../support/ssh-script';
import { failure, openPool, outcome, run, shared } from './support';

const PATIENT = { secret: true, waitMs: 30_000 };

function ended(turn: CredentialTurn, end: 'accepted' | 'SshAuthFailed' | 'unknown'): void {
  assert.equal(turn.turn, 'yours');
  if (turn.turn === 'yours') turn.end(end);
}

/** A guard with a clock of its own. */
function clocked(): { guard: CredentialGuard; pass: (ms: number) => void } {
  let now = 1_000;
  return { guard: new CredentialGuard(600_000, () => now), pass: (ms) => (now += ms) };
}

describe('credential guard', () => {
  it('lets one set-up at a time offer a secret', async () => {
    const { guard } = clocked();
    const first = await guard.enter('a', PATIENT);
    let second: CredentialTurn | undefined;
    const waiting = guard.enter('a', PATIENT).then((turn) => (second = turn));
    assert.equal((await guard.enter('b', PATIENT)).turn, 'yours');
    assert.equal(second, undefined);
    ended(first, 'accepted');
    ended(await waiting, 'accepted');
  });

  it('turns all away once it was refused, until the cool-down ends', async () => {
    const { guard, pass } = clocked();
    const first = await guard.enter('a', PATIENT);
    const waiting = guard.enter('a', PATIENT);
    ended(first, 'SshAuthFailed');
    const refusal = { type: 'SshAuthFailed', remainingMs: 600_000 };
    assert.deepEqual(await waiting, { turn: 'refused', refusal });
    pass(600_000);
    ended(await guard.enter('a', PATIENT), 'unknown');
    ended(await guard.enter('a', PATIENT), 'accepted');
  });

  it('lets keys be offered at once, and leaves a refused one alone for a short time', async () => {
    const { guard, pass } = clocked();
    const key = { secret: false, waitMs: 1 };
    const [first, second] = [await guard.enter('a', key), await guard.enter('a', key)];
    ended(first, 'SshAuthFailed');
    assert.equal((await guard.enter('a', key)).turn, 'refused');
    ended(second, 'accepted');
    assert.equal((await guard.enter('a', key)).turn, 'yours');
    ended(await guard.enter('a', key), 'SshAuthFailed');
    pass(15_000);
    assert.equal((await guard.enter('a', key)).turn, 'yours');
  });

  it('lets what was offered and not answered rest for a growing time', async () => {
    const { guard, pass } = clocked();
    for (const [times, remainingMs] of [60_000, 120_000, 240_000, 480_000, 600_000, 600_000].entries()) {
      const turn = await guard.enter('a', PATIENT);
      assert.equal(turn.turn, 'yours');
      if (turn.turn === 'yours') turn.end('unanswered');
      assert.deepEqual(await guard.enter('a', PATIENT), { turn: 'doubtful', remainingMs, times: times + 1 });
      pass(remainingMs);
    }
    ended(await guard.enter('a', PATIENT), 'accepted');
    ended(await guard.enter('a', PATIENT), 'accepted');
  });

  it('remembers a refused key that another set-up offered meanwhile', async () => {
    const { guard } = clocked();
    const key = { secret: false, waitMs: 1 };
    const [first, second] = [await guard.enter('a', key), await guard.enter('a', key)];
    ended(first, 'unknown');
    ended(second, 'SshAuthFailed');
    assert.equal((await guard.enter('a', key)).turn, 'refused');
  });

  it('gives up after the wait, and when it is aborted', async () => {
    const { guard } = clocked();
    await guard.enter('a', PATIENT);
    assert.deepEqual(await guard.enter('a', { secret: true, waitMs: 1 }), { turn: 'busy' });
    const reason = new Error('cancelled');
    const abort = new AbortController();
    const waiting = guard.enter('a', { ...PATIENT, signal: abort.signal });
    abort.abort(reason);
    await assert.rejects(waiting, reason);
    await assert.rejects(guard.enter('a', { ...PATIENT, signal: abort.signal }), reason);
  });
});

/** A server that takes one password. */
function takes(password: string): (context: AuthContext) => void {
  return (context) => {
    if (context.method === 'password' && context.password === password) context.accept();
    else context.reject(['password']);
  };
}

const offered = ({ authMethods }: { readonly authMethods: readonly string[] }): number =>
  authMethods.filter((method) => method === 'password').length;

describe('a password that a host refuses', () => {
  const wrong = (server: Parameters<typeof shared>[0], overrides: Partial<SshTarget> = {}): SshTarget =>
    shared(server, { auth: [{ type: 'password', password: 'battery staple' }], ...overrides });

  it('is offered once in all, by however many steps, also such as share no connection', async (t) => {
    const script = await startSshScript({ t, onAuth: takes('correct horse') });
    for (const idle of ['60s', 0] as const) {
      const pool = openPool(t, { idle });
      const before = offered(script);
      const ends = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          outcome(pool, wrong(script, { shareKey: `${index % 5}`, credentialKey: `wrong ${idle}` }))
        )
      );
      assert.deepEqual([...new Set(ends)], ['SshAuthFailed']);
      assert.equal(offered(script) - before, 1);
    }
  });

  it('says so, and is tried at once when it changes', async (t) => {
    const script = await startSshScript({ t, onAuth: takes('correct horse') });
    const pool = openPool(t);
    const first = await failure(run(pool, wrong(script)));
    assert.deepEqual([first.type, first.details.stage], ['SshAuthFailed', 'auth']);
    const again = await failure(run(pool, wrong(script)));
    assert.deepEqual([again.type, again.details.stage, again.retryable], ['SshAuthFailed', 'config', false]);
    assert.match(again.message, /has refused this credential before, and is not offered it again for another \d+ ms/);
    assert.ok((again.details.limitMs ?? 0) > 500_000);
    const changed = shared(script, { shareKey: 'new', auth: [{ type: 'password', password: 'correct horse' }] });
    assert.equal((await run(pool, changed)).exitCode, 0);
    assert.equal(offered(script), 2);
  });

  it('is offered again after the cool-down', async (t) => {
    const script = await startSshScript({ t, onAuth: takes('correct horse') });
    const pool = openPool(t, { credentialCoolDown: 1 });
    assert.equal(await outcome(pool, wrong(script)), 'SshAuthFailed');
    while ((await failure(run(pool, wrong(script)))).details.stage === 'config');
    assert.equal(offered(script), 2);
  });

  it('at a jump host is not held against the host behind it', async (t) => {
    const [bastion, web] = [await startSshScript({ t, onAuth: takes('x') }), await startSshScript({ t })];
    const pool = openPool(t);
    const via = wrong(bastion, { name: 'bastion', shareKey: 'bastion' });
    for (let step = 0; step < 3; step += 1) {
      const error = await failure(run(pool, shared(web, { shareKey: 'both', via })));
      assert.deepEqual([error.type, error.details.jump], ['SshAuthFailed', 'bastion']);
    }
    assert.equal(offered(bastion), 1);
    assert.equal(await outcome(pool, shared(web)), 'ok');
  });
});
