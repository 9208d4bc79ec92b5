import assert from 'node:assert/strict';
import { startProbe } from '../../../support/probe';
import { exec, targetOf } from '../../support/engine';
import { SshError } from '../../../../ssh/ssh-error';
import type { CatalogueRow } from '../row';
import { sessionsGone, sshdRow } from '../support/sshd-row';

const busy = ['MaxStartups 1:100:1', 'LoginGraceTime 60'];
// Servers before 9.x say nothing, or not before the reset.
const refusals: readonly unknown[] = ['SshServerBusy', 'SshBannerClosed'];

/** OpenSSH under load, stopped, and restarted. */
export const SSHD_LOAD_ROWS: readonly CatalogueRow[] = [
  sshdRow({
    name: 'sshd-maxstartups',
    what: 'OpenSSH: MaxStartups is reached by connections that have not logged in yet',
    expect: { ends: 'failure', stage: 'banner', type: ['SshServerBusy', 'SshBannerClosed'] },
    prepare: ({ t }) => ({
      server: { config: busy },
      scene: async (server) => {
        const probe = await startProbe(t, server);
        assert.ok(await probe.saysSomethingWithin(10_000));
        return {
          check: ({ error }) => {
            if (error?.type === 'SshServerBusy') assert.match(error.details.serverText ?? '', /Exceeded MaxStartups/);
          },
        };
      },
    }),
    othersConnect: true,
  }),
  sshdRow({
    name: 'sshd-maxstartups-recovers',
    what: 'OpenSSH: MaxStartups is reached, then the load goes away',
    expect: { ends: 'success' },
    prepare: ({ t }) => ({
      server: { config: busy },
      scene: async (server) => {
        const probe = await startProbe(t, server);
        assert.ok(await probe.saysSomethingWithin(10_000));
        const target = targetOf(server);
        return {
          run: async () => {
            const first: unknown = await exec(target, 'true').catch((error: unknown) => error);
            assert.ok(first instanceof SshError && refusals.includes(first.type), String(first));
            probe.socket.destroy();
            await sessionsGone(server);
            return exec(target, 'true');
          },
        };
      },
    }),
  }),
  sshdRow({
    name: 'sshd-sigstop',
    what: 'OpenSSH is stopped: the kernel accepts the connection, and nobody answers',
    expect: { ends: 'failure', stage: 'banner', type: 'SshBannerTimeout', deadline: 'banner' },
    prepare: () => ({
      scene: (server) => {
        server.pause();
        return { check: () => server.resume() };
      },
    }),
    othersConnect: true,
  }),
  sshdRow({
    name: 'sshd-sigstop-run',
    what: 'the whole host is frozen while the command runs',
    expect: { ends: 'failure', stage: 'run', type: 'SshIdleTimeout', commandMayHaveRun: true, deadline: 'idle' },
    prepare: () => ({
      scene: (server) => ({ command: 'echo begun; sleep 600', options: { onOutput: () => server.pause() } }),
    }),
    othersConnect: true,
  }),
  sshdRow({
    name: 'sshd-killed-run',
    what: 'sshd and its sessions are killed while the command runs, which goes on alone',
    expect: { ends: 'failure', stage: 'run', type: 'SshConnectionLost', commandMayHaveRun: true },
    prepare: () => ({
      scene: (server) => ({
        command: 'echo begun; sleep 600',
        options: { onOutput: () => void server.stop({ sessions: 'keep' }) },
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-restarts',
    what: 'sshd is restarted before the step: a new process answers with the same host key',
    expect: { ends: 'success' },
    prepare: () => ({
      scene: (server) => {
        const target = targetOf(server);
        return {
          run: async () => {
            await server.restart();
            return exec(target, 'true');
          },
        };
      },
    }),
  }),
];
