import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHostDirectory } from '../../../../ssh/hosts';
import { makeKeyFiles } from '../../../support/key-files';
import { privateFilesSkipReason } from '../../../support/private-files';
import { makeScratch } from '../../../support/scratch';
import { keyMethod } from '../../support/engine';
import type { CatalogueRow } from '../row';
import { sshdRow } from '../support/sshd-row';
import { wireRow } from '../support/wire-row';

const done = { ends: 'success' } as const;
const PASSWORD = 'correct horse battery staple';

/** Logins that take more than one step, and certificates. */
export const AUTH_METHOD_ROWS: readonly CatalogueRow[] = [
  wireRow({
    name: 'auth-kbdint',
    what: 'keyboard-interactive: the server prompts for the password',
    expect: done,
    script: () => ({
      onAuth: (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{ prompt: 'Password: ', echo: false }], ([answer]) => {
          if (answer === PASSWORD) context.accept();
          else context.reject(['keyboard-interactive']);
        });
      },
      onExec: (wire) => void wire.success().exitStatus(0).eof().close(),
    }),
    target: () => ({ auth: [{ type: 'password', password: PASSWORD }] }),
    offers: ['keyboard-interactive'],
  }),
  wireRow({
    name: 'auth-partial-both',
    what: 'the server wants a key, and then a password as well',
    expect: done,
    script: () => ({
      onAuth: (context) => {
        if (context.method === 'password' && context.password === PASSWORD) context.accept();
        else if (context.method === 'publickey' && context.signature === undefined) context.accept();
        else context.reject(['password'], true);
      },
      onExec: (wire) => void wire.success().exitStatus(0).eof().close(),
    }),
    target: ({ clientKeyFile }) => ({
      auth: [keyMethod(clientKeyFile), { type: 'password', password: PASSWORD }],
    }),
    offers: ['publickey', 'publickey', 'password'],
  }),
  sshdRow({
    name: 'sshd-partial-rsa',
    what: 'OpenSSH: AuthenticationMethods publickey,password with an RSA key, within MaxAuthTries 3',
    expect: done,
    skip: privateFilesSkipReason,
    prepare: ({ t }) => ({
      server: {
        config: ['PasswordAuthentication yes', 'AuthenticationMethods publickey,password', 'MaxAuthTries 3'],
        account: { password: PASSWORD },
      },
      scene: ({ authorizedKeysFile }) => {
        const key = makeKeyFiles(join(makeScratch({ t }).path, 'rsa'), { type: 'rsa' });
        appendFileSync(authorizedKeysFile, `${key.publicKey}\n`);
        return {
          target: { auth: [keyMethod(key.file), { type: 'password', password: PASSWORD }] },
          check: (_end, log) => {
            assert.match(log, /Partial publickey for/);
            assert.match(log, /Accepted password for/);
          },
        };
      },
    }),
  }),
  sshdRow({
    name: 'sshd-usercert-ok',
    what: 'OpenSSH: a certificate of the user, and no key of theirs that may log in',
    expect: done,
    prepare: ({ t }) => {
      const { path } = makeScratch({ t });
      const [authority, key] = [makeKeyFiles(join(path, 'authority')), makeKeyFiles(join(path, 'key'))];
      return {
        server: { config: ['AuthorizedKeysFile none', `TrustedUserCAKeys ${authority.file}.pub`] },
        scene: async ({ address, port, user, hostFingerprint: hostKey }) => {
          const names = ['-q', '-s', authority.file, '-I', 'deploy of the test', '-n', user];
          execFileSync('ssh-keygen', [...names, `${key.file}.pub`], { stdio: 'pipe' });
          const credential = { privateKeyFile: key.file, certificateFile: `${key.file}-cert.pub` };
          const host = { address, port, user, credential, hostKey };
          const { auth } = await createHostDirectory(() => Promise.resolve(host)).resolve('web-1');
          return { target: { auth }, check: (_end, log) => assert.match(log, /Accepted publickey for .*CERT/) };
        },
      };
    },
  }),
];
