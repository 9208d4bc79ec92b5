import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { findProgram } from './find-program';

/** Programs that the tests run, and the Debian package that brings each. */
const PROGRAMS = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  dropbear: 'dropbear-bin',
  dropbearconvert: 'dropbear-bin',
  ip: 'iproute2',
  openssl: 'openssl',
  sudo: 'sudo',
  shellcheck: 'shellcheck',
  busybox: 'busybox-static',
  mksh: 'mksh',
  gawk: 'gawk',
  mawk: 'mawk',
  'original-awk': 'original-awk',
  zsh: 'zsh',
  fish: 'fish',
  tcsh: 'tcsh',
} as const;

/** What is missing for the tests, in one line that says what to do. */
export class PreflightError extends Error {
  override readonly name = 'PreflightError';
}

/** Variables that name the user's own Temporal server, which no test may use. */
const TEMPORAL_SERVER_VARIABLES = /^TEMPORAL_(?!CLI_PATH$)/;

function missingPackages(): readonly string[] {
  const missing = Object.entries(PROGRAMS).filter(([program]) => findProgram(program) === undefined);
  return [...new Set(missing.map(([, debianPackage]) => debianPackage))];
}

const POLICY = '/usr/sbin/policy-rc.d';

function runQuietly(file: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  execFileSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', env });
}

/** Installs packages without starting what they bring, now or at the next boot. */
function install(packages: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // What Debian's maintainer scripts ask before they start a service; 101 is "forbidden".
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    runQuietly('apt-get', ['update', '-q'], env);
    runQuietly('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], env);
    if (packages.includes('openssh-server') && existsSync('/run/systemd/system')) {
      runQuietly('systemctl', ['disable', '-q', 'ssh'], env);
    }
  } finally {
    if (ours) rmSync(POLICY);
  }
}

function providePrograms(say: (line: string) => void): void {
  if (process.platform !== 'linux') throw new PreflightError('The tests need Linux: they look into /proc.');
  const missing = missingPackages();
  if (missing.length === 0) return;
  const names = missing.join(' ');
  const byHand = `apt-get install ${names} (or what your system calls them), then npm test`;
  if (findProgram('apt-get') === undefined || process.getuid?.() !== 0) {
    throw new PreflightError(`The tests need programs that are not installed. As root: ${byHand}`);
  }
  say(`installing ${names}`);
  try {
    install(missing);
  } catch (error) {
    const [reason = ''] = String((error as { stderr?: string }).stderr ?? error).match(/^E: .*/m) ?? [String(error)];
    throw new PreflightError(`${names} could not be installed: ${reason.split('\n')[0]}. By hand: ${byHand}`);
  }
  const still = missingPackages();
  if (still.length > 0) throw new PreflightError(`Installed, but their programs are not found: ${still.join(' ')}`);
}

/** The environment without the variables that name a Temporal server or profile of the user's. */
export function withoutTemporalServer(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !TEMPORAL_SERVER_VARIABLES.test(name));
  // A file that is not there is no error. The user's own one, in its default place, could name a server as well.
  return { ...Object.fromEntries(kept), TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml' };
}

/**
 * Provides what the tests run: OpenSSH, Dropbear, some tools and a Temporal CLI. As root on Debian and Ubuntu it installs
 * all but the last. Returns the environment for the test processes. Fails with {@link PreflightError}.
 */
export async function preflight(say: (line: string) => void): Promise<NodeJS.ProcessEnv> {
  providePrograms(say);
  const env = withoutTemporalServer(process.env);
  // Only now: it loads the Temporal SDK, and what is missing above is to be said at once.
  const { findTemporal } = await import('../../worker/dev-server/index.js');
  try {
    const source = await findTemporal({ env, onProgress: say });
    if (source.kind !== 'binary') throw new Error(`found ${source.address} where a binary was looked for`);
    return { ...env, TEMPORAL_CLI_PATH: source.path };
  } catch (error) {
    throw new PreflightError(error instanceof Error ? error.message : String(error));
  }
}
