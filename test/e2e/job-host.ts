import { existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { HostsFile } from '../../ssh/hosts/host-config';
import { hostConfig } from '../activities/mock-step';
import { startProxy } from '../support/proxy';
import type { FaultProxy } from '../support/proxy';
import { identify, isAlive } from '../support/processes';
import type { ProcessIdentity } from '../support/processes';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import type { RealSshd } from '../support/sshd';

/** A host for jobs, reached through a proxy, whose jobs are kept in a directory that the test can look into. */
export interface JobHost {
  readonly proxy: FaultProxy;
  /** With one host, `box`. */
  readonly hosts: HostsFile;
  /** A path in the scratch directory. */
  path(name: string): string;
  write(name: string, text: string): string;
  /** The lines of a file in the scratch directory; none where it is not there yet. */
  lines(name: string): readonly string[];
  /** The jobs that the host has a directory for. */
  ids(): readonly string[];
  /** The text of a record of a job: `gate`, `cancel`, `killed`. */
  record(id: string, name: string): string | undefined;
  /** How a job ended, `<kind>.<code>`; undefined while it runs. */
  end(id: string): string | undefined;
}

/** Starts the host before the tests of a suite, and ends it with all its jobs after them. To be called inside `describe`. */
export function useJobHost(): JobHost {
  const scratch = makeScratch();
  const made: { sshd?: RealSshd; proxy?: FaultProxy } = {};
  before(async () => {
    mkdirSync(join(scratch.path, 'jobs'), { mode: 0o700 });
    made.sshd = await startSshd();
    made.proxy = await startProxy({ target: made.sshd });
  });
  after(async () => {
    await made.proxy?.stop();
    await made.sshd?.stop();
    scratch.remove();
  });
  const jobs = join(scratch.path, 'jobs');
  const path = (name: string): string => join(scratch.path, name);
  const has = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the host has not been started');
    return value;
  };
  return {
    get proxy() {
      return has(made.proxy);
    },
    get hosts() {
      const sshd = has(made.sshd);
      const { address, port } = has(made.proxy);
      const box = hostConfig({ ...sshd, address, port }, { user: sshd.user, jobDirectory: jobs });
      return { hosts: { box } };
    },
    path,
    write: (name, text) => scratch.write(name, text),
    lines: (name) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8').split('\n').slice(0, -1) : []),
    ids: () => readdirSync(jobs).filter((name) => !name.startsWith('.')),
    record: (id, name) => {
      try {
        return readlinkSync(join(jobs, id, name));
      } catch {
        return undefined;
      }
    },
    end: (id) =>
      readdirSync(join(jobs, id))
        .filter((name) => name.startsWith('a'))
        .flatMap((attempt) => readdirSync(join(jobs, id, attempt)))
        .map((name) => /^exit\.(\w+\.\w+)\./.exec(name)?.[1])
        .find((name) => name !== undefined),
  };
}

/** The processes that have written their ids into a file. They are known by their start times too. */
export function identified(lines: readonly string[]): readonly ProcessIdentity[] {
  return lines.map((line) => {
    const found = identify(Number(line));
    if (!found) throw new Error(`no process ${line}`);
    return found;
  });
}

/** Those that still run. */
export function alive(processes: readonly ProcessIdentity[]): readonly number[] {
  return processes.filter(isAlive).map(({ pid }) => pid);
}

/** Everything in the process table that carries the cookie of a job. */
export function ofJob(id: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`TEMPORAL_SSH_JOB=${id}.`);
      } catch {
        return false;
      }
    });
}
