import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './find-program';
import { identify } from './processes';
import type { Owned } from './test-owner';

const run = promisify(execFile);

// Where ip-netns(8) keeps the names, and the files that a program inside sees under /etc.
const NAMES = '/run/netns';
const ETC = '/etc/netns';
// RFC 2544's range for tests of networks, in nets of four addresses.
const NETS = 2 ** 15;

/** A network namespace with one link to this machine. */
export interface NetworkNamespace {
  readonly name: string;
  /** This machine's address on the link: servers of the test listen there. */
  readonly hostAddress: string;
  /** The address inside. */
  readonly address: string;
  /** The link's end inside. */
  readonly device: string;
  /** Runs `ip` inside. */
  ip(...args: readonly string[]): Promise<void>;
  /** Sets a value of `/proc/sys` inside. */
  sysctl(name: string, value: string): Promise<void>;
  /** Takes the link down, or up again, at this machine's end: nobody inside is told. */
  link(state: 'up' | 'down'): Promise<void>;
  /**
   * What comes from inside in packets of over so many bytes vanishes, and nobody is told: the link's other end takes no
   * more, but does not say so when a connection is set up.
   */
  limitPackets(bytes: number): Promise<void>;
  /** How a program is run inside. */
  command(file: string, ...args: readonly string[]): readonly [string, ...string[]];
}

/** Why there can be no network namespace here, for `skip`; false where there can. */
export function netnsSkipReason(): string | false {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (findProgram('ip') === undefined) return 'ip (iproute2) is not installed';
  return spawnSync('unshare', ['-n', 'true'], { stdio: 'ignore' }).status === 0
    ? false
    : 'this kernel, or this container, allows no network namespaces';
}

/** This machine's end of the link. */
function linkOf(name: string): string {
  return `tsh-${name.split('-').at(-1) ?? ''}`;
}

function entries(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

async function remove(name: string): Promise<void> {
  rmSync(join(ETC, name), { recursive: true, force: true });
  // The link does not wait for the namespace, which the kernel keeps as long as a dying connection in there does. Another
  // process may be removing the same.
  for (const args of [
    ['link', 'delete', linkOf(name)],
    ['netns', 'delete', name],
  ]) {
    await run('ip', args).catch(() => undefined);
  }
}

/** Removes what test processes that were killed have left. */
async function sweep(): Promise<void> {
  const names = new Set([...entries(NAMES), ...entries(ETC)]);
  for (const name of names) {
    const pid = /^temporal-ssh-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && identify(Number(pid)) === undefined) await remove(name);
  }
}

/** Two addresses of a net of their own, by a number that no other link of this machine has. */
function addresses(device: string): readonly [host: string, inside: string] {
  const net = Number(readFileSync(`/sys/class/net/${device}/ifindex`, 'utf8')) % NETS;
  const base = net * 4;
  const of = (host: number): string => `198.${18 + (base >> 16)}.${(base >> 8) & 255}.${(base & 255) + host}`;
  return [of(1), of(2)];
}

/**
 * Makes a network namespace; it and its link end with the test. A test process that is killed leaves its own behind,
 * which the next one removes.
 *
 * @param etc Files that a program inside sees under `/etc`, such as `resolv.conf`.
 */
export async function makeNetns({
  t,
  etc = {},
}: Required<Owned> & { readonly etc?: Readonly<Record<string, string>> }): Promise<NetworkNamespace> {
  await sweep();
  const name = `temporal-ssh-${process.pid}-${randomBytes(4).toString('hex')}`;
  const [outer, device] = [linkOf(name), 'tsh-link'];
  t.after(() => remove(name));
  for (const [file, content] of Object.entries(etc)) {
    // It is mounted over the file there, so that one has to be there.
    if (!existsSync(join('/etc', file))) continue;
    mkdirSync(join(ETC, name), { recursive: true });
    writeFileSync(join(ETC, name, file), content);
  }
  await run('ip', ['netns', 'add', name]);
  await run('ip', ['link', 'add', outer, 'type', 'veth', 'peer', 'name', device, 'netns', name]);
  const [hostAddress, address] = addresses(outer);
  const ip = async (...args: readonly string[]): Promise<void> => {
    await run('ip', ['-netns', name, ...args]);
  };
  await run('ip', ['address', 'add', `${hostAddress}/30`, 'dev', outer]);
  await run('ip', ['link', 'set', outer, 'up']);
  await ip('address', 'add', `${address}/30`, 'dev', device);
  await ip('link', 'set', 'lo', 'up');
  await ip('link', 'set', device, 'up');
  return {
    name,
    hostAddress,
    address,
    device,
    ip,
    command: (file, ...args) => ['ip', 'netns', 'exec', name, file, ...args],
    sysctl: async (key, value) => {
      const script = 'echo "$2" > "/proc/sys/$1"';
      await run('ip', ['netns', 'exec', name, 'sh', '-c', script, 'sh', key.replaceAll('.', '/'), value]);
    },
    limitPackets: async (bytes) => {
      const net = `${hostAddress.replace(/\d+$/, (last) => String(Number(last) - 1))}/30`;
      await run('ip', ['link', 'set', outer, 'mtu', String(bytes)]);
      await run('ip', ['route', 'replace', net, 'dev', outer, 'src', hostAddress, 'advmss', '1460']);
    },
    link: async (state) => {
      await run('ip', ['link', 'set', outer, state]);
    },
  };
}
