import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { requireProgram } from './find-program';
import type { KeyType } from './key-files';
import { privateAccountFiles } from './private-account';
import type { PrivateAccount } from './private-account';
import { withPrivateFiles } from './private-files';
import { MARKER_VARIABLE } from './processes';
import type { RealServer } from './real-server';
import { startRealServer } from './real-server-host';
import type { RealServerGround } from './real-server-host';
import type { Owned } from './test-owner';

/** A running OpenSSH server. */
export type RealSshd = RealServer;

/** What {@link startSshd} takes. */
export interface SshdOptions extends Owned {
  /**
   * Lines of `sshd_config(5)`. They go before ours, and the first one of a keyword counts; from a `Match` on they go to
   * the end. `SetEnv` belongs into `env`.
   */
  readonly config?: readonly string[];
  /** Variables that every session is given, by `SetEnv`. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What sshd reads in the place of files of the system, such as `/etc/shadow`, by their paths: in a mount namespace of its
   * own. Where that cannot be made, `privateFilesSkipReason` says so.
   */
  readonly files?: Readonly<Record<string, string>>;
  /** In the order in which `hostKeyFile` and the like look at them. @default ['ed25519'] */
  readonly hostKeyTypes?: readonly KeyType[];
  /**
   * What it believes of a user, by default the one who runs the tests; where that can be had, see
   * `privateFilesSkipReason`. @default nothing else
   */
  readonly account?: PrivateAccount & { readonly user?: string };
  /** Limits of its processes, as `prlimit` takes them: `--nproc=1`. @default none */
  readonly limits?: readonly string[];
  /** A program that becomes its arguments, by which the server is run. @default none */
  readonly within?: readonly string[];
}

function sshdVersion(file: string): number {
  // Servers before 9.3 do not know -V, and print their version with the complaint.
  const { stdout, stderr } = spawnSync(file, ['-V'], { encoding: 'utf8' });
  const [, major = '0', minor = '0'] = /OpenSSH_(\d+)\.(\d+)/.exec(stdout + stderr) ?? [];
  return Number(major) * 100 + Number(minor);
}

function configText(version: number, options: SshdOptions, ground: RealServerGround): string {
  const extra = options.config ?? [];
  if (extra.some((line) => /^\s*setenv\b/i.test(line))) throw new Error('SetEnv belongs into the option env');
  const firstMatch = extra.findIndex((line) => /^\s*match\b/i.test(line));
  const split = firstMatch === -1 ? extra.length : firstMatch;
  const env = { ...options.env, [MARKER_VARIABLE]: ground.marker };
  return [
    ...extra.slice(0, split),
    `ListenAddress 127.0.0.1:${ground.port}`,
    ...ground.hostKeys.map(({ file }) => `HostKey ${file}`),
    `AuthorizedKeysFile ${ground.authorizedKeysFile}`,
    `SetEnv ${Object.entries(env)
      .map(([name, value]) => `${name}="${value}"`)
      .join(' ')}`,
    'PidFile none',
    'UsePAM no',
    'UseDNS no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'PrintLastLog no',
    'LogLevel VERBOSE',
    // It may not come twice.
    ...(extra.some((line) => /^\s*subsystem\s+sftp\b/i.test(line)) ? [] : ['Subsystem sftp internal-sftp']),
    // All tests share one source address: the refusals of one would lock out the next.
    ...(version >= 908 ? ['PerSourcePenalties no'] : []),
    ...extra.slice(split),
    '',
  ].join('\n');
}

/**
 * Starts OpenSSH's server on a free loopback port, as the user who runs the tests, apart from the machine's own one.
 *
 * Everything that its sessions start, detached or not, ends with `stop` or with the test process.
 */
export async function startSshd(options: SshdOptions = {}): Promise<RealSshd> {
  const file = requireProgram('sshd');
  // The directory of privilege separation, which only the service's start script makes.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const version = sshdVersion(file);
  return startRealServer(options, async (ground) => {
    const config = ground.scratch.write(`sshd_config`, configText(version, options, ground));
    const ready = /^Server listening on /m;
    const limited = options.limits ? [requireProgram('prlimit'), ...options.limits] : [];
    const { account } = options;
    const files = { ...options.files, ...(account && privateAccountFiles(account.user ?? ground.user, account)) };
    const command = [...(options.within ?? []), ...limited, file, '-D', '-e', '-f', config];
    const [program = file, ...args] = withPrivateFiles(ground.scratch, files, command);
    return { file: program, args, ready };
  });
}
