import type { TestContext } from 'node:test';
import { createHostDirectory } from '../../../ssh/hosts';
import { createJobClient } from '../../../ssh/job/create-job-client';
import type { JobClient, JobRequest } from '../../../ssh/job/job-client';
import { ConnectionPool } from '../../../ssh/pool/connection-pool';
import { poolLimits } from '../../../ssh/pool/pool-options';
import type { FaultProxy } from '../../support/proxy';
import { startProxy } from '../../support/proxy';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import { entry } from './hosts-text';
import { runCli, startCli } from './run-cli';

/** A host `web` for jobs, the same host as `cut` behind a proxy, and the commands for it. */
export interface JobGround {
  /** What somebody else uses, elsewhere. */
  readonly client: JobClient;
  readonly proxy: FaultProxy;
  readonly path: string;
  readonly run: (...args: string[]) => ReturnType<typeof runCli>;
  readonly start: (...args: string[]) => ReturnType<typeof startCli>;
}

/** Starts a real sshd with a job directory of its own. */
export async function jobGround(t: TestContext): Promise<JobGround> {
  const scratch = makeScratch({ t });
  const sshd = await startSshd({ t });
  const proxy = await startProxy({ t, target: sshd });
  const web = { ...entry(sshd), jobDirectory: `${scratch.path}/jobs` };
  const hosts = scratch.write('hosts.json', JSON.stringify({ hosts: { web, cut: { ...web, port: proxy.port } } }));
  const pool = new ConnectionPool(poolLimits());
  t.after(() => pool.close());
  const target = await createHostDirectory(hosts).resolve('web');
  const limit = 20_000;
  const deadlines = { connect: limit, banner: limit, kex: limit, auth: limit, channel: limit, exec: limit };
  const withHosts = (args: readonly string[]): string[] => ['job', ...args, '--hosts', hosts];
  return {
    client: createJobClient(pool, target, { deadlines }),
    proxy,
    path: scratch.path,
    run: (...args) => runCli(withHosts(args), { t }),
    start: (...args) => startCli(withHosts(args), { t }),
  };
}

/** A job as somebody else starts it. */
export function job(id: string, script: string): JobRequest {
  return { id, script, shell: '/bin/sh', env: {}, graceMs: 1_000 };
}
