import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKeyFiles } from '../../../support/key-files';
import { privateFilesSkipReason } from '../../../support/private-files';
import { makeScratch } from '../../../support/scratch';
import { keyMethod } from '../../support/engine';
import type { CatalogueRow } from '../row';
import { sshdRow } from '../support/sshd-row';

const auth = { ends: 'failure', stage: 'auth' } as const;
const refused = { ...auth, type: 'SshAuthFailed' } as const;
const PASSWORD = 'correct horse battery staple';
const byPassword = { auth: [{ type: 'password', password: PASSWORD }] } as const;
const passwords = ['PasswordAuthentication yes'];

const times = (log: string, pattern: RegExp): number => log.match(pattern)?.length ?? 0;

/** OpenSSH's own ways to let a user in, or not. */
export const SSHD_AUTH_ROWS: readonly CatalogueRow[] = [
  sshdRow({
    name: 'sshd-password',
    what: 'OpenSSH: a login by password',
    expect: { ends: 'success' },
    skip: privateFilesSkipReason,
    prepare: () => ({
      server: { config: passwords, account: { password: PASSWORD } },
      scene: () => ({ target: byPassword, check: (_end, log) => assert.match(log, /Accepted password for/) }),
    }),
  }),
  sshdRow({
    name: 'sshd-password-wrong',
    what: 'OpenSSH: a wrong password, which is tried once',
    expect: { ...refused, message: /refused password/ },
    skip: privateFilesSkipReason,
    prepare: () => ({
      server: { config: passwords, account: { password: PASSWORD } },
      scene: () => ({
        target: { auth: [{ type: 'password', password: 'wrong' }] },
        check: (_end, log) => assert.equal(times(log, /Failed password for/g), 1, log),
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-password-expired',
    what: 'OpenSSH without PAM: the password has expired, which is told instead of the command, by exit code 1',
    expect: { ends: 'failure', stage: 'run', type: 'SshExitStatus', commandMayHaveRun: true },
    skip: privateFilesSkipReason,
    prepare: () => ({
      server: { config: passwords, account: { password: PASSWORD, shadow: { 2: '0' } } },
      scene: () => ({
        target: byPassword,
        command: 'echo ran',
        check: ({ error }) => {
          assert.match(error?.details.stderrTail ?? '', /Password change required/);
          assert.equal(error?.result?.stdout, '');
        },
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-account-expired',
    what: 'OpenSSH: the account has expired',
    expect: refused,
    skip: privateFilesSkipReason,
    prepare: () => ({
      server: { account: { shadow: { 7: '1' } } },
      scene: () => ({ check: (_end, log) => assert.match(log, /expired/) }),
    }),
  }),
  sshdRow({
    name: 'sshd-shell-missing',
    what: "OpenSSH: the user's shell does not exist",
    expect: refused,
    skip: privateFilesSkipReason,
    prepare: () => ({
      server: { account: { shell: '/nonexistent/shell' } },
      scene: () => ({ check: (_end, log) => assert.match(log, /shell .* does not exist/) }),
    }),
  }),
  sshdRow({
    name: 'sshd-denyusers',
    what: 'OpenSSH: DenyUsers',
    expect: refused,
    prepare: () => ({
      server: { config: ['DenyUsers *'] },
      scene: () => ({ check: (_end, log) => assert.match(log, /listed in DenyUsers/) }),
    }),
  }),
  sshdRow({
    name: 'sshd-maxauthtries-1',
    what: 'OpenSSH: more keys are offered than MaxAuthTries lets be tried',
    expect: { ...refused, serverText: /too many authentication failures/i },
    prepare: () => ({
      server: { config: ['MaxAuthTries 1'] },
      scene: ({ directory }) => ({
        target: { auth: [1, 2].map((n) => keyMethod(makeKeyFiles(join(directory, `key${n}`)).file, `${n}`)) },
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-revoked',
    what: 'OpenSSH: the key may log in, but is revoked',
    expect: refused,
    prepare: ({ t }) => {
      const key = makeKeyFiles(join(makeScratch({ t }).path, 'revoked'));
      return {
        server: { config: [`RevokedKeys ${key.file}.pub`] },
        scene: ({ authorizedKeysFile }) => {
          appendFileSync(authorizedKeysFile, `${key.publicKey}\n`);
          return {
            target: { auth: [keyMethod(key.file)] },
            check: (_end, log) => assert.match(log, /revoked/i),
          };
        },
      };
    },
  }),
  sshdRow({
    name: 'sshd-logingrace-2',
    what: 'OpenSSH: LoginGraceTime passes while a directory is asked for the keys of the user',
    expect: { ...auth, type: 'SshConnectionLost' },
    prepare: () => ({
      server: {
        config: [
          'LoginGraceTime 4',
          'AuthorizedKeysFile none',
          'AuthorizedKeysCommand /bin/sleep 20',
          'AuthorizedKeysCommandUser root',
        ],
      },
    }),
  }),
  sshdRow({
    name: 'sshd-auth-slow-3s',
    what: 'OpenSSH: a slow directory is asked for the keys of the user, for the question and for the login',
    expect: { ends: 'success' },
    prepare: ({ t, deadlines }) => {
      const scratch = makeScratch({ t });
      const key = makeKeyFiles(join(scratch.path, 'key'));
      const asked = scratch.write('asked', '');
      const script = `sleep ${(deadlines.auth / 4_000).toFixed(2)}; echo asked >> ${asked}; cat ${key.file}.pub`;
      const config = [
        'AuthorizedKeysFile none',
        `AuthorizedKeysCommand /bin/sh -c "${script}"`,
        'AuthorizedKeysCommandUser root',
      ];
      return {
        server: { config },
        scene: () => ({
          target: { auth: [keyMethod(key.file)] },
          check: () => assert.equal(readFileSync(asked, 'utf8'), 'asked\nasked\n'),
        }),
      };
    },
  }),
];
