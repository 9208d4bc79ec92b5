import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { startSshScript } from '../../../support/ssh-script';
import { startSshd } from '../../../support/sshd';
import type { DialObserver } from '../../../../ssh/dial';
import { exec, targetOf } from '../../support/engine';
import type { CatalogueGround, CatalogueRow, Expectation, Scene } from '../row';
import { shared } from '../support/shared';
import { onlyDeadlines, wireRow } from '../support/wire-row';

const done: Expectation = { ends: 'success' };

const sshd = shared(() => startSshd());

type Algorithms = Parameters<NonNullable<DialObserver['onAlgorithms']>>[0];

/** What has to work. */
export const OK_ROWS: readonly CatalogueRow[] = [
  {
    name: 'ok',
    what: 'a command on a real sshd',
    expect: done,
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const server = await sshd(ground.t);
      return { target: targetOf(server), command: 'true', deadlines: onlyDeadlines(ground, []) };
    },
  },
  wireRow({
    name: 'ok-strict-kex',
    what: 'the strict key exchange against prefix truncation (Terrapin) is agreed on',
    expect: done,
    script: () => ({
      onExec: (wire) => {
        const { _protocol: protocol } = wire.connection as unknown as { _protocol: { _strictMode?: boolean } };
        if (protocol._strictMode) wire.success().exitStatus(0).eof().close();
        else wire.failure();
      },
    }),
  }),
  {
    name: 'ok-ctr-nistp256',
    what: 'a server with older algorithms only: aes128-ctr, ecdh-sha2-nistp256, an ECDSA host key',
    expect: done,
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const config = ['Ciphers aes128-ctr', 'KexAlgorithms ecdh-sha2-nistp256', 'MACs hmac-sha2-256'];
      const server = await startSshd({ t: ground.t, config, hostKeyTypes: ['ecdsa'] });
      let agreed: Algorithms | undefined;
      return {
        target: targetOf(server),
        command: 'true',
        deadlines: onlyDeadlines(ground, []),
        options: { observer: { onAlgorithms: (algorithms) => (agreed = algorithms) } },
        check: () => {
          const { kex, serverHostKey, cs } = agreed ?? {};
          assert.deepEqual([kex, cs?.cipher, cs?.mac], ['ecdh-sha2-nistp256', 'aes128-ctr', 'hmac-sha2-256']);
          assert.equal(serverHostKey, 'ecdsa-sha2-nistp256');
        },
      };
    },
  },
  {
    name: 'ok-exit-42',
    what: 'an exit code that the step takes for a result',
    expect: { ends: 'success', exitCode: 42 },
    arrange: async (ground: CatalogueGround): Promise<Scene> => ({
      target: targetOf(await sshd(ground.t)),
      command: 'exit 42',
      request: { okExitCodes: [0, 42] },
      deadlines: onlyDeadlines(ground, []),
    }),
  },
  {
    name: 'ok-secret',
    what: 'a login by password tells the password to the server, and to nobody else',
    expect: done,
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const password = 'correct horse battery staple';
      const offered: string[] = [];
      const server = await startSshScript({
        t: ground.t,
        onAuth: (context) => {
          if (context.method !== 'password') return context.reject(['password']);
          offered.push(context.password);
          context.accept();
        },
      });
      const target = targetOf(server, { auth: [{ type: 'password', password }] });
      const told: unknown[] = [];
      const tell = (...what: readonly unknown[]): void => void told.push(what);
      const observer: DialObserver = {
        onStage: tell,
        onStageDone: tell,
        onIdentification: tell,
        onHostKey: tell,
        onAlgorithms: tell,
        onAuthMethods: tell,
        onAuthBanner: tell,
      };
      return {
        target,
        run: async () => {
          const result = await exec(target, 'work', { observer });
          const all = inspect([result, told], { depth: 20, maxStringLength: null });
          assert.doesNotMatch(all, /correct|horse|battery|staple/);
          assert.match(all, /onStage|auth/);
          return result;
        },
        check: () => assert.deepEqual(offered, [password]),
      };
    },
  },
  wireRow({
    name: 'ok-cancel',
    what: 'the caller gives up while the command runs: TERM, a little time, and the end',
    expect: { ends: 'cancelled' },
    script: () => ({ onExec: (wire) => void wire.success().data('begun\n') }),
    scene: () => {
      const abort = new AbortController();
      return { options: { signal: abort.signal, onOutput: () => abort.abort(new Error('cancelled by the workflow')) } };
    },
    commands: 1,
    check: (_end, server) => assert.deepEqual(server.signals, ['TERM']),
  }),
  wireRow({
    name: 'ok-cancel-auth',
    what: 'the caller gives up while the server thinks about the login: nothing more is sent',
    expect: { ends: 'cancelled' },
    script: () => ({ onAuth: () => undefined }),
    scene: (_ground, server) => {
      const abort = new AbortController();
      const giveUp = (): void => abort.abort(new Error('cancelled by the workflow'));
      void server.received('Received USERAUTH_REQUEST').then(() => setImmediate(giveUp));
      return { options: { signal: abort.signal } };
    },
    offers: ['publickey'],
    commands: 0,
  }),
  wireRow({
    name: 'ok-ignore-fin',
    what: 'the server never closes its side after the end: our side is closed all the same',
    expect: done,
    script: () => ({
      onExec: (wire) => {
        const { socket } = wire;
        socket.removeAllListeners('end');
        // For the test alone: whoever sees the end of our side is done with the connection.
        socket.once('end', () => socket.destroy());
        wire.success().data('all\n').exitStatus(0).eof().close();
      },
    }),
  }),
  {
    name: 'ok-stdin-5m',
    what: '5 MiB of input, which have to wait for the window of the server',
    expect: done,
    arrange: async (ground: CatalogueGround): Promise<Scene> => ({
      target: targetOf(await sshd(ground.t)),
      command: 'test "$(wc -c)" = 5242880',
      request: { stdin: 'x'.repeat(5 * 1024 * 1024) },
      deadlines: onlyDeadlines(ground, []),
    }),
  },
];
