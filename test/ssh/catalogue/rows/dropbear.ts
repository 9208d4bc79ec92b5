import assert from 'node:assert/strict';
import { join } from 'node:path';
import { dropbearSkipReason, startDropbear } from '../../../support/dropbear';
import type { DropbearOptions, RealDropbear } from '../../../support/dropbear';
import { makeKeyFiles } from '../../../support/key-files';
import { privateFilesSkipReason } from '../../../support/private-files';
import { startProbe } from '../../../support/probe';
import { keyMethod, targetOf } from '../../support/engine';
import type { SshTarget } from '../../../../ssh/target';
import type { CatalogueGround, CatalogueRow, Scene } from '../row';
import { onlyDeadlines } from '../support/wire-row';

const PASSWORD = 'correct horse battery staple';
const run = { ends: 'failure', stage: 'run', commandMayHaveRun: true } as const;

interface DropbearScene extends Omit<Scene, 'target' | 'deadlines'> {
  readonly target?: Partial<SshTarget>;
}

interface DropbearRow extends Omit<CatalogueRow, 'arrange'> {
  readonly options?: Omit<DropbearOptions, 't'>;
  readonly scene?: (server: RealDropbear, ground: CatalogueGround) => DropbearScene | Promise<DropbearScene>;
}

function dropbearRow({ options, scene, ...row }: DropbearRow): CatalogueRow {
  return {
    skip: dropbearSkipReason,
    ...row,
    arrange: async (ground) => {
      const server = await startDropbear({ t: ground.t, ...options });
      const rest = (await scene?.(server, ground)) ?? {};
      return { command: 'true', ...rest, target: targetOf(server, rest.target), deadlines: onlyDeadlines(ground, []) };
    },
  };
}

/** Dropbear, the server of small devices. */
export const DROPBEAR_ROWS: readonly CatalogueRow[] = [
  dropbearRow({
    name: 'dropbear-password',
    what: 'Dropbear: a login by password',
    expect: { ends: 'success' },
    skip: () => dropbearSkipReason() || privateFilesSkipReason(),
    options: { account: { password: PASSWORD } },
    scene: (server) => ({
      target: { auth: [{ type: 'password', password: PASSWORD }] },
      check: () => assert.match(server.log(), /Password auth succeeded/),
    }),
  }),
  dropbearRow({
    name: 'dropbear-refused',
    what: 'Dropbear: a key that it does not know',
    expect: { ends: 'failure', stage: 'auth', type: 'SshAuthFailed' },
    scene: ({ directory }) => ({
      target: { auth: [keyMethod(makeKeyFiles(join(directory, 'other')).file)] },
    }),
  }),
  dropbearRow({
    name: 'dropbear-max-unauth',
    what: 'Dropbear: the sixth connection of one address that has not logged in is closed',
    expect: { ends: 'failure', stage: 'banner', type: 'SshBannerClosed' },
    scene: async (server, { t }) => {
      const probes = await Promise.all(Array.from({ length: 5 }, () => startProbe(t, server)));
      for (const probe of probes) assert.ok(await probe.saysSomethingWithin(10_000));
      return {};
    },
  }),
  dropbearRow({
    name: 'dropbear-exit',
    what: 'Dropbear: an exit code',
    expect: { ...run, type: 'SshExitStatus', message: /exit code 3/ },
    scene: () => ({ command: 'exit 3' }),
  }),
  dropbearRow({
    name: 'dropbear-signal-kill',
    what: 'Dropbear: the shell of the command is killed',
    expect: { ...run, type: 'SshExitSignal', message: /by signal KILL/ },
    scene: () => ({ command: 'kill -KILL $$' }),
  }),
  dropbearRow({
    name: 'dropbear-idle-timeout',
    what: 'Dropbear: its idle timeout passes while the command is quiet',
    expect: { ...run, type: 'SshConnectionLost' },
    options: { args: ['-I', '3'] },
    scene: () => ({ command: 'sleep 30' }),
  }),
  dropbearRow({
    name: 'dropbear-keepalive',
    what: 'Dropbear: its keepalives are answered while the command is quiet',
    expect: { ends: 'success' },
    options: { args: ['-K', '1'] },
    scene: () => ({ command: 'sleep 2.5' }),
  }),
];
