import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findProgram, requireProgram } from './find-program';
import { privateAccountFiles } from './private-account';
import type { PrivateAccount } from './private-account';
import { privateFilesSkipReason, withPrivateFiles } from './private-files';
import type { RealServer } from './real-server';
import { startRealServer } from './real-server-host';
import type { RealServerGround } from './real-server-host';
import type { Owned } from './test-owner';

/** A running Dropbear server. */
export type RealDropbear = RealServer;

/** What {@link startDropbear} takes. */
export interface DropbearOptions extends Owned {
  /** More arguments, such as `-I 5`. */
  readonly args?: readonly string[];
  /** What it believes of the user; where it can be had, see `privateFilesSkipReason`. @default nothing else */
  readonly account?: Omit<PrivateAccount, 'home'>;
  /** A program that becomes its arguments, by which the server is run. @default none */
  readonly within?: readonly string[];
}

function usage(file: string): string {
  const { stdout, stderr } = spawnSync(file, ['-h'], { encoding: 'utf8' });
  return stdout + stderr;
}

/** Why Dropbear cannot be run here, for `{ skip: dropbearSkipReason() }`; false where it can. */
export function dropbearSkipReason(): string | false {
  const file = findProgram('dropbear');
  if (file === undefined) return 'dropbear is not installed';
  if (findProgram('dropbearconvert') === undefined) return 'dropbearconvert is not installed';
  if (/^-D\s/m.test(usage(file)) || privateFilesSkipReason() === false) return false;
  return 'this Dropbear has no -D, and reads authorized_keys from the real home unless root may mount';
}

function hostKeyFor({ hostKeys, scratch }: RealServerGround): string {
  const file = join(scratch.path, 'dropbear_host_key');
  const args = ['openssh', 'dropbear', hostKeys[0]?.file ?? '', file];
  const { status, stderr } = spawnSync(requireProgram('dropbearconvert'), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`dropbearconvert: ${stderr}`);
  return file;
}

/**
 * Starts Dropbear on a free loopback port, as the user who runs the tests.
 *
 * Up to version 2024.86 it knows no other place for `authorized_keys` than the home that `/etc/passwd` names. It is
 * then run in a mount namespace of its own, where a copy of that file names the server's directory as the home; the
 * real home is neither read nor written. Newer ones take the directory by `-D`.
 */
export async function startDropbear(options: DropbearOptions = {}): Promise<RealDropbear> {
  const reason = dropbearSkipReason();
  if (reason !== false) throw new Error(reason);
  const dropbear = requireProgram('dropbear');
  const help = usage(dropbear);
  const hasDirectoryOption = /^-D\s/m.test(help);
  return startRealServer(options, async (ground) => {
    const { scratch, port, user } = ground;
    const logins = options.account?.password === undefined ? ['-s'] : [];
    const args = ['-F', '-E', ...logins, '-p', `127.0.0.1:${port}`, '-r', hostKeyFor(ground)];
    args.push('-P', join(scratch.path, 'dropbear.pid'), ...(options.args ?? []));
    // Hands the marker on to the sessions, by which what they detach is found.
    if (/^-e\s/m.test(help)) args.push('-e');
    const ready = /Not backgrounding/;
    if (hasDirectoryOption) args.push('-D', join(scratch.path, '.ssh'));
    const account = { ...options.account, ...(!hasDirectoryOption && { home: scratch.path }) };
    const [file = dropbear, ...rest] = withPrivateFiles(scratch, privateAccountFiles(user, account), [
      ...(options.within ?? []),
      dropbear,
      ...args,
    ]);
    return { file, args: rest, ready };
  });
}
