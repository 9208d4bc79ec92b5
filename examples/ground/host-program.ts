import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';

/** What a host of an example is made of. */
export interface HostGround {
  /** The login directory of whoever logs in: `HOME`. */
  readonly home: string;
  /** Keys and configuration, closed to others. */
  readonly keys: string;
  readonly port: number;
  readonly user: string;
}

/** A server program, and how it tells that it listens. */
export interface HostProgram {
  readonly kind: 'OpenSSH' | 'embedded host';
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly ready: RegExp;
}

/** The absolute path of a program, also where servers are, which are not on every user's `PATH`. */
export function findProgram(name: string): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  return directories
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => join(directory, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** OpenSSH's server, or the embedded host in a process of its own where there is none. */
export function hostProgram(ground: HostGround): HostProgram {
  const sshd = process.env['EXAMPLES_WITHOUT_SSHD'] === undefined ? findProgram('sshd') : undefined;
  return sshd === undefined ? embeddedProgram(ground) : sshdProgram(sshd, ground);
}

function sshdProgram(sshd: string, { home, keys, port }: HostGround): HostProgram {
  // The directory of privilege separation, which only the service's start script makes.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const config = join(keys, 'sshd_config');
  const lines = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(keys, 'ssh_host_ed25519_key')}`,
    `AuthorizedKeysFile ${join(keys, 'authorized_keys')}`,
    // So that hosts on one machine are apart: each has its files, and its jobs, in a directory of its own.
    `SetEnv HOME="${home}"`,
    'PidFile none',
    'UsePAM no',
    'UseDNS no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const env = { PATH: process.env.PATH };
  return { kind: 'OpenSSH', command: [sshd, '-D', '-e', '-f', config], env, ready: /^Server listening on /m };
}

function embeddedProgram({ home, keys, port }: HostGround): HostProgram {
  const { PATH, SHELL, USER, LOGNAME, TMPDIR } = process.env;
  return {
    kind: 'embedded host',
    command: [process.execPath, join(__dirname, 'embedded-process.js'), keys, String(port)],
    env: { PATH, SHELL, USER, LOGNAME, TMPDIR, HOME: home },
    ready: /^listening/m,
  };
}
