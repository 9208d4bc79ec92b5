import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createHostDirectory } from '../../../../ssh/hosts';
import { makeKeyFiles } from '../../../support/key-files';
import { makeScratch } from '../../../support/scratch';
import { exec } from '../../support/engine';
import type { CatalogueGround, CatalogueRow, Expectation, Scene } from '../row';
import { debugMessage, userauthBanner } from '../support/packets';
import { repeatedly, wireRow } from '../support/wire-row';

const auth = { ends: 'failure', stage: 'auth' } as const;
const timeout: Expectation = { ...auth, type: 'SshAuthTimeout', deadline: 'auth' };

/** What servers say beside the authentication, and a key that cannot even be offered. */
export const AUTH_NOISE_ROWS: readonly CatalogueRow[] = [
  wireRow({
    name: 'auth-noise-no-answer',
    what: 'packets all the time, but no answer: a deadline, not an idle timer',
    expect: timeout,
    script: ({ deadlines }) => ({
      onAuth: (_context, wire) => repeatedly(wire, deadlines.auth / 10, () => wire.ignore().raw(debugMessage('busy'))),
    }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-banner-flood',
    what: 'one banner after the other, and no answer: bounded in time, and in what is kept',
    expect: { ...timeout, serverText: /^(wait x+\.\.\.)$/ },
    script: ({ deadlines }) => ({
      onAuth: (_context, wire) =>
        repeatedly(wire, deadlines.auth / 20, () => wire.raw(userauthBanner(`wait\u001b[2J\r\n${'x'.repeat(30_000)}`))),
    }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-banner-then-fin',
    what: 'a banner says why, then FIN: "Account is locked", or a machine that is being shut down',
    expect: { ...auth, type: 'SshConnectionLost', serverText: /^System is going down\.$/ },
    script: () => ({
      onAuth: (_context, wire) => {
        wire.raw(userauthBanner('System is going down.\r\n'));
        wire.socket.end();
      },
    }),
    offers: ['publickey'],
  }),
  wireRow({
    name: 'auth-debug-within',
    what: 'ignored and debugging packets around each answer of the authentication',
    expect: { ends: 'success' },
    script: () => ({
      onAuth: (context, wire) => {
        wire.ignore().raw(debugMessage('checking\u001b[2J'), Buffer.alloc(0)).ignore();
        context.accept();
      },
      onExec: (wire) => void wire.ignore().success().raw(debugMessage('run')).exitStatus(0).ignore().eof().close(),
    }),
  }),
  wireRow({
    name: 'auth-slow-within',
    what: 'the question and the login are each answered after a quarter of the deadline',
    expect: { ends: 'success' },
    about: [],
    script: ({ deadlines }) => ({
      onAuth: (context, wire) => {
        const timer = setTimeout(() => context.accept(), deadlines.auth / 4);
        wire.socket.once('close', () => clearTimeout(timer));
      },
      onExec: (wire) => void wire.success().exitStatus(0).eof().close(),
    }),
  }),
  {
    name: 'auth-encrypted-key-no-passphrase',
    what: 'the key is encrypted and no passphrase is configured: the host is not even connected to',
    expect: { ends: 'failure', stage: 'config', type: 'SshAuthKeyUnusable', message: /passphrase/ },
    arrange: ({ t }: CatalogueGround): Scene => {
      const scratch = makeScratch({ t });
      const key = makeKeyFiles(join(scratch.path, 'locked'), { passphrase: 'correct horse' });
      const host = {
        address: '127.0.0.1',
        user: 'deploy',
        credential: { privateKeyFile: key.file },
        hostKey: key.fingerprint,
      };
      const directory = createHostDirectory(() => Promise.resolve(host));
      const target = {
        name: 'web-1',
        address: '127.0.0.1',
        port: 22,
        user: 'deploy',
        auth: [],
        hostKeys: { preferredAlgorithms: [], check: () => assert.fail('it was connected to') },
      };
      return { target, run: async () => exec(await directory.resolve('web-1')) };
    },
  },
];
