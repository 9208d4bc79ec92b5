import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createJobClient } from '../../../ssh/job/create-job-client';
import type { JobClient } from '../../../ssh/job/job-client';
import { ConnectionPool } from '../../../ssh/pool/connection-pool';
import { poolLimits } from '../../../ssh/pool/pool-options';
import type { SshTarget } from '../../../ssh/target';
import { findProgram } from '../../support/find-program';
import { privateAccountFiles } from '../../support/private-account';
import { privateFilesSkipReason } from '../../support/private-files';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import { PATIENT, checkFailure, targetOf } from '../support/engine';

// An account that every system has; root itself is never asked for a password.
const USER = 'nobody';
const PASSWORD = `it's 100% "right"`;
const skip = findProgram('sudo') === undefined ? 'sudo is not installed' : privateFilesSkipReason();

const caught = (error: unknown): unknown => error;

interface Ground {
  readonly rule: string;
  readonly shell?: string;
  readonly target?: Partial<SshTarget>;
}

async function ground(t: TestContext, { rule, shell = '/bin/sh', target: parts }: Ground) {
  const account = privateAccountFiles(USER, { home: '/', shell, password: PASSWORD, shadow: { 7: '' } });
  const files = { ...account, '/etc/sudoers': `Defaults use_pty\n${USER} ALL=(ALL) ${rule}\n` };
  const config = ['UsePAM yes', 'PasswordAuthentication yes'];
  const target = targetOf(await startSshd({ t, files, config }), {
    user: USER,
    auth: [{ type: 'password', password: PASSWORD }],
    jobDirectory: `${makeScratch({ t }).path}/jobs`,
    ...parts,
  });
  const pool = new ConnectionPool(poolLimits());
  t.after(() => pool.close());
  const client = (user?: string): JobClient =>
    createJobClient(pool, target, { deadlines: PATIENT, become: user === undefined ? {} : { user } });
  return { client, target };
}

async function output(client: JobClient): Promise<string> {
  let read = '';
  const follower = {
    cursor: { stdout: 0, stderr: 0 },
    onBytes: (_: string, __: number, bytes: Buffer) => void (read += bytes.toString()),
  };
  await client.run(
    { id: 'job-1', script: 'id -un; cat', shell: '/bin/sh', env: {}, stdin: 'in', graceMs: 1_000 },
    follower
  );
  return read;
}

void test('another user, by the password of becomePassword', { skip }, async (t) => {
  const { client } = await ground(t, { rule: 'ALL', target: { becomePassword: PASSWORD } });
  assert.equal(await output(client()), 'root\nin');
  assert.equal((await client('root').status('job-1')).status.state, 'done');
});

void test('another user, where sudo does not ask', { skip }, async (t) => {
  const { client } = await ground(t, { rule: 'NOPASSWD: ALL' });
  assert.equal(await output(client()), 'root\nin');
});

for (const shell of ['bash', 'zsh', 'csh', 'tcsh', 'fish']) {
  const file = findProgram(shell);
  void test(
    `the login shell ${shell}`,
    { skip: skip || (file === undefined && `${shell} is not installed`) },
    async (t) => {
      const { client } = await ground(t, { rule: 'ALL', target: { becomePassword: PASSWORD }, shell: file ?? '' });
      assert.equal((await client().status('job-1')).status.state, 'absent');
    }
  );
}

void test('a wrong password is given once, and told to nobody', { skip }, async (t) => {
  const becomePassword = 'battery staple';
  const { client, target } = await ground(t, { rule: 'ALL', target: { becomePassword } });
  const error = await client().status('job-1').catch(caught);
  const failure = checkFailure(error, target, { type: 'SshBecomeFailed', stage: 'exec', message: /did not take/ });
  assert.ok(!JSON.stringify([failure.message, failure.details]).includes(becomePassword));
});

void test('a password that is asked for, and not there', { skip }, async (t) => {
  const { client, target } = await ground(t, { rule: 'ALL' });
  const error = await client().status('job-1').catch(caught);
  checkFailure(error, target, { type: 'SshBecomeFailed', stage: 'exec', message: /set becomePassword/ });
});

void test('what sudo says when it refuses', { skip }, async (t) => {
  const { client, target } = await ground(t, { rule: '/bin/true', target: { becomePassword: PASSWORD } });
  const error = await client().status('job-1').catch(caught);
  const { details } = checkFailure(error, target, { type: 'SshBecomeFailed', stage: 'exec' });
  assert.match(details.stderrTail ?? '', /not allowed/);
  const unknown = await client('no-such-user').status('job-1').catch(caught);
  checkFailure(unknown, target, { type: 'SshBecomeFailed', stage: 'exec' });
});

void test('a name that is no user is refused before anything is sent', { skip }, async (t) => {
  const { client, target } = await ground(t, { rule: 'ALL' });
  const error = await client("root' -s").status('job-1').catch(caught);
  checkFailure(error, target, { type: 'SshInvalidOptions', stage: 'config' });
});
