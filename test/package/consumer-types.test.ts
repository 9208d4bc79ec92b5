import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { localProgram, packPackage } from './packed-package';
import type { PackedPackage } from './packed-package';

/** Uses of each entry. A `@ts-expect-error` fails when what follows is no error: so it does when a type is `any`. */
const USES: Readonly<Record<string, string>> = {
  worker: `
    import { SshError, SshPlugin, createSshActivities, createSshWorker } from 'temporal-ssh';
    import type { HostConfig, HostsFile, SshPluginOptions } from 'temporal-ssh';
    import { Worker } from '@temporalio/worker';

    const host: HostConfig = { address: '10.0.0.1', port: 22, user: 'u', credential: { privateKeyFile: 'k' } };
    const hosts: HostsFile = { hosts: { web: host } };
    const options: SshPluginOptions = { hosts, drainTimeout: '30s' };
    export const worker = (): Promise<Worker> => Worker.create({ taskQueue: 'q', plugins: [new SshPlugin(options)] });
    export const activities = createSshActivities({ hosts: (name) => (name === 'web' ? host : undefined) });
    export const create = createSshWorker;
    export const typeOf = (error: unknown): string => (error instanceof SshError ? error.type : '');
    // @ts-expect-error hosts are required
    new SshPlugin({});
    // @ts-expect-error an address is required
    export const wrong: HostConfig = { port: 22 };
  `,
  workflow: `
    import { compensating, isSshFailureType, sshFailureOf, sshHost } from 'temporal-ssh/workflow';
    import type { SshExecResult, SshTimeouts } from 'temporal-ssh/workflow';
    export { sshCommand } from 'temporal-ssh/workflow';

    const timeouts: SshTimeouts = { banner: '60s', run: 5_000 };
    export async function release(): Promise<number> {
      const web = sshHost('web', { timeouts });
      return compensating(async (undo) => {
        undo('start', () => web.exec('start'));
        const result: SshExecResult = await web.exec(['stop', 'now'], { idempotent: true, okExitCodes: [0, 1] });
        return result.exitCode;
      });
    }
    export const stageOf = (error: unknown): string | undefined => sshFailureOf(error)?.details?.stage;
    export const known: boolean = isSshFailureType('SshAuthFailed');
    // @ts-expect-error a command is text
    export const wrong = () => sshHost('web').exec(5);
    // @ts-expect-error no such option
    export const unknown = () => sshHost('web').exec('true', { idempotnet: true });
  `,
  activities: `
    import { createSshActivities } from 'temporal-ssh/activities';
    import type { SshActivities, SshOptions } from 'temporal-ssh/activities';

    const options: SshOptions = { hosts: 'hosts.yaml' };
    const { sshExec }: SshActivities = createSshActivities(options);
    export const code = async (): Promise<number> => (await sshExec({ host: 'web', command: 'true' })).exitCode;
    // @ts-expect-error a host is required
    export const wrong = () => sshExec({ command: 'true' });
  `,
  client: `
    import { startSshCommand, watchSteps } from 'temporal-ssh/client';
    import type { SshExecResult, StepRetry } from 'temporal-ssh/client';
    import type { Client } from '@temporalio/client';

    export async function run(client: Client, signal: AbortSignal): Promise<SshExecResult> {
      const handle = await startSshCommand(client, { host: 'web', command: 'true' }, { taskQueue: 'ssh' });
      await watchSteps(handle, { signal, onRetry: (retry: StepRetry) => void retry.failureType.length });
      return handle.result();
    }
    // @ts-expect-error a task queue is required
    export const wrong = (client: Client) => startSshCommand(client, { host: 'web', command: 'true' }, {});
  `,
  contract: `
    import { DEFAULT_DEADLINES, SSH_FAILURES, SSH_STAGES, isSshFailureType, quoteArgument } from 'temporal-ssh/contract';
    import type { SshFailureType, SshStage } from 'temporal-ssh/contract';

    export const stage: SshStage = SSH_STAGES[0];
    export const retryable: boolean = SSH_FAILURES.SshBannerTimeout.retryable;
    export const limit: number = DEFAULT_DEADLINES.banner;
    export const quoted: string = quoteArgument('a b');
    export const typed = (type: string): SshFailureType | undefined => (isSshFailureType(type) ? type : undefined);
    // @ts-expect-error no such stage
    export const wrong: SshStage = 'lunch';
  `,
};

const WAYS = [
  { way: 'CommonJS and ES modules, node16', extensions: ['cts', 'mts'], module: 'node16', moduleResolution: 'node16' },
  { way: 'a bundler', extensions: ['ts'], module: 'esnext', moduleResolution: 'bundler' },
] as const;

/**
 * What the compiler complains of, without what it finds in Temporal's own declarations, which do not pass
 * `exactOptionalPropertyTypes` and cannot see the types of `ms`. Ours are checked: there is no `skipLibCheck`.
 */
function complaints(output: string): readonly string[] {
  return output.split('\n').filter((line) => /^\S.*: error TS/.test(line) && !/node_modules\/@temporalio\//.test(line));
}

void describe('the packed package type-checks in a project of its users', () => {
  let packed: PackedPackage;
  const endings: (() => unknown)[] = [];
  before(() => {
    packed = packPackage({ t: { after: (fn) => void endings.push(fn as () => unknown) } });
  });
  after(async () => {
    for (const end of endings) await end();
  });

  for (const { way, extensions, ...options } of WAYS) {
    void test(`${way}, strictly`, () => {
      const files = extensions.flatMap((extension) =>
        Object.entries(USES).map(([entry, text]) => {
          const file = `${entry}.${extension}`;
          writeFileSync(join(packed.consumer, file), text);
          return file;
        })
      );
      const compilerOptions = {
        ...options,
        ...{ target: 'es2022', lib: ['es2023'], types: ['node'], strict: true, exactOptionalPropertyTypes: true },
        ...{ noUncheckedIndexedAccess: true, noEmit: true, skipLibCheck: false },
      };
      const project = join(packed.consumer, `tsconfig.${extensions[0]}.json`);
      writeFileSync(project, JSON.stringify({ compilerOptions, files }));
      const { stdout } = spawnSync(localProgram('tsc'), ['-p', project], { encoding: 'utf8', cwd: packed.consumer });
      assert.deepEqual(complaints(stdout), []);
    });
  }
});
