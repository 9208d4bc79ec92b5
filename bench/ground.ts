import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../test/support/free-port';
import { privateFilesSkipReason } from '../test/support/private-files';
import { startSshd } from '../test/support/sshd';
import type { RealSshd } from '../test/support/sshd';
import type { PeerJob } from './peer-job';

/** One server that is as many hosts as are wanted, and what every peer is told of it. */
export interface BenchGround {
  readonly sshd: RealSshd;
  readonly access: Pick<PeerJob, 'port' | 'user' | 'keyFile' | 'knownHostsFile' | 'hostFingerprint' | 'python'>;
  readonly hosts: readonly string[];
}

/** Runs `fn` with a server that takes what is asked of it, on so many loopback addresses. */
export async function onGround<T>(hosts: number, fn: (ground: BenchGround) => Promise<T>): Promise<T> {
  const port = await freePort();
  const sshd = await startSshd({
    // What a login shell reads at its start is no matter of the client's.
    ...(privateFilesSkipReason() === false && { account: { shell: '/bin/sh' } }),
    config: [
      // All of 127/8; who comes from elsewhere may not log in.
      ...[`ListenAddress 0.0.0.0:${port}`, 'AllowUsers *@127.0.0.0/8', 'LogLevel INFO'],
      ...['MaxStartups 2000', 'MaxSessions 1000'],
    ],
  });
  try {
    const addresses = Array.from(
      { length: hosts },
      (_, index) => `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`
    );
    const knownHostsFile = join(sshd.directory, 'bench_known_hosts');
    const key = sshd.knownHostsLine.split(' ').slice(1).join(' ').trim();
    writeFileSync(knownHostsFile, addresses.map((address) => `[${address}]:${port} ${key}\n`).join(''));
    const { user, clientKeyFile: keyFile, hostFingerprint } = sshd;
    return await fn({
      sshd,
      hosts: addresses,
      access: { port, user, keyFile, knownHostsFile, hostFingerprint, python: 'auto_silent' },
    });
  } finally {
    await sshd.stop();
  }
}
