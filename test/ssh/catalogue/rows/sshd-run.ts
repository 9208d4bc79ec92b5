import assert from 'node:assert/strict';
import { join } from 'node:path';
import { descendantsOf, signalProcess } from '../../../support/processes';
import { makeKeyFiles } from '../../../support/key-files';
import { privateFilesSkipReason } from '../../../support/private-files';
import { makeScratch } from '../../../support/scratch';
import { keyMethod } from '../../support/engine';
import type { CatalogueRow } from '../row';
import { sshdRow } from '../support/sshd-row';

const run = { ends: 'failure', stage: 'run', commandMayHaveRun: true } as const;

/** Sessions of a real sshd. */
export const SSHD_RUN_ROWS: readonly CatalogueRow[] = [
  sshdRow({
    name: 'sshd-nologin',
    what: 'the shell of the user is nologin: its text and exit code 1',
    expect: { ...run, type: 'SshExitStatus' },
    skip: privateFilesSkipReason,
    prepare: () => ({
      server: { account: { shell: '/usr/sbin/nologin' } },
      scene: () => ({
        check: ({ error }) => {
          assert.equal(error?.details.exitCode, 1);
          assert.match(error.details.stdoutTail ?? '', /not available/);
        },
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-nproc-limit',
    what: 'the user may start no more processes: OpenSSH cannot fork, and refuses the command or drops the connection',
    expect: {
      ends: 'failure',
      stage: ['auth', 'channel', 'exec', 'run'],
      type: ['SshExecRefused', 'SshConnectionLost', 'SshExitStatusMissing'],
      commandMayHaveRun: 'either',
    },
    skip: privateFilesSkipReason,
    prepare: ({ t }) => {
      const key = makeKeyFiles(join(makeScratch({ t }).path, 'key'));
      const config = [`AuthorizedKeysCommand /bin/cat ${key.file}.pub`, 'AuthorizedKeysCommandUser root'];
      return {
        server: { config, limits: ['--nproc=1'], account: { user: 'nobody', shell: '/bin/sh', home: '/' } },
        scene: () => ({
          target: { user: 'nobody', auth: [keyMethod(key.file)] },
          check: (_end, log) => assert.match(log, /Accepted publickey for nobody/),
        }),
      };
    },
    // It says that it starts the command, and only then finds that it cannot.
    commands: 1,
  }),
  sshdRow({
    name: 'sshd-fsize-limit',
    what: 'a file of the command grows beyond RLIMIT_FSIZE: its program dies of SIGXFSZ, the shell reports 153',
    expect: { ...run, type: 'SshExitStatus' },
    prepare: ({ t }) => ({
      server: { limits: ['--fsize=1000', '--core=0'] },
      scene: () => ({
        command: `head -c 5000 /dev/zero > ${join(makeScratch({ t }).path, 'file')}; exit $?`,
        check: ({ error }) => assert.equal(error?.details.exitCode, 153),
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-permittty-no',
    what: 'OpenSSH: PermitTTY no, and the step wants a terminal',
    expect: { ends: 'failure', stage: 'exec', type: 'SshPtyRefused' },
    prepare: () => ({
      server: { config: ['PermitTTY no'] },
      scene: () => ({ request: { pty: true } }),
    }),
  }),
  sshdRow({
    name: 'sshd-kill-session',
    what: 'the processes of the session are killed while the command runs',
    expect: { ...run, type: 'SshConnectionLost' },
    prepare: () => ({
      scene: (server) => ({
        command: 'echo begun; sleep 600',
        options: {
          onOutput: () => {
            const sessions = descendantsOf(server.pid).filter(({ name }) => name.startsWith('sshd'));
            for (const session of sessions) signalProcess(session, 'SIGKILL');
          },
        },
        check: ({ error }) => assert.equal(error?.details.stdoutTail, 'begun'),
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-signal-kill',
    what: 'the shell of the command is killed, as by a host without memory',
    expect: { ...run, type: 'SshExitSignal' },
    prepare: () => ({
      scene: () => ({
        command: 'echo before; kill -KILL $$',
        check: ({ error }) => {
          assert.deepEqual([error?.details.signal, error?.result?.stdout], ['KILL', 'before\n']);
        },
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-daemon-holds-stdout',
    what: 'a daemon that the command has started holds its output open: after 5 s without output the step ends',
    expect: { ends: 'success' },
    prepare: () => ({ scene: () => ({ command: 'sleep 600 & echo started' }) }),
  }),
  sshdRow({
    name: 'sshd-banner-text',
    what: 'OpenSSH: a Banner, which is neither output nor a failure',
    expect: { ...run, type: 'SshExitStatus' },
    prepare: ({ t }) => {
      const banner = makeScratch({ t }).write('banner', '\u001b[31mAuthorised\r\nusers only\n', 0o644);
      const told: string[] = [];
      return {
        server: { config: [`Banner ${banner}`] },
        scene: () => ({
          command: 'echo output; exit 4',
          options: { observer: { onAuthBanner: (text) => void told.push(text) } },
          check: ({ error }) => {
            assert.deepEqual(told, ['Authorised users only']);
            assert.deepEqual([error?.result?.stdout, error?.details.serverText], ['output\n', undefined]);
          },
        }),
      };
    },
  }),
  sshdRow({
    name: 'sshd-clientalive',
    what: 'OpenSSH: ClientAliveInterval and a quiet command; its keepalives are answered',
    expect: { ends: 'success' },
    prepare: () => ({
      server: { config: ['ClientAliveInterval 1', 'ClientAliveCountMax 1'] },
      scene: () => ({ command: 'sleep 3.5' }),
    }),
  }),
  sshdRow({
    name: 'sshd-rekey-limit',
    what: 'OpenSSH: RekeyLimit, and output that needs new keys many times over',
    expect: { ...run, type: 'SshExitStatus' },
    prepare: () => ({
      server: { config: ['RekeyLimit 1M'] },
      scene: () => ({
        command: 'head -c 20000000 /dev/zero; exit 7',
        check: ({ error }) => {
          assert.deepEqual([error?.details.exitCode, error?.result?.stdoutBytes], [7, 20_000_000]);
        },
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-forcecommand',
    what: 'OpenSSH: ForceCommand runs something else, whose end is told',
    expect: { ...run, type: 'SshExitStatus' },
    prepare: () => ({
      server: { config: ['ForceCommand echo only this; exit 8'] },
      scene: () => ({
        command: 'echo work',
        check: ({ error }) => assert.deepEqual([error?.details.exitCode, error?.result?.stdout], [8, 'only this\n']),
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-no-sessions',
    what: 'OpenSSH: MaxSessions 0, an account for forwarding only',
    expect: { ends: 'failure', stage: 'channel', type: ['SshChannelOpenFailed', 'SshChannelRefused'] },
    prepare: () => ({ server: { config: ['MaxSessions 0'] } }),
  }),
];
