import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { knownHostKeys } from '../../../../ssh/hosts/known-host-keys';
import { KnownHostsFile } from '../../../../ssh/hosts/known-hosts-file';
import { pinnedHostKeys } from '../../../../ssh/hosts/pinned-host-keys';
import type { HostKeyPolicy } from '../../../../ssh/target';
import { makeKeyFiles } from '../../../support/key-files';
import { makeScratch } from '../../../support/scratch';
import type { RealSshd } from '../../../support/sshd';
import type { CatalogueRow } from '../row';
import { sshdRow } from '../support/sshd-row';

const kex = { ends: 'failure', stage: 'kex' } as const;

function knownHosts({ address, port }: RealSshd, path: string): HostKeyPolicy {
  const file = new KnownHostsFile(path);
  file.refresh();
  return knownHostKeys({ host: 'web-1', address, port, alias: undefined, strict: 'yes', file });
}

/** No credential may have been offered. */
const nothingOffered = (_end: unknown, log: string): void =>
  assert.doesNotMatch(log, /Accepted|Failed|Postponed|user root/);

/** Host keys of a real sshd, and what our side knows of them. */
export const SSHD_HOST_KEY_ROWS: readonly CatalogueRow[] = [
  sshdRow({
    name: 'sshd-hostcert-plain-pin',
    what: 'OpenSSH has a host certificate; the plain key, which is pinned, is what we ask for',
    expect: { ends: 'success' },
    prepare: ({ t }) => {
      const { path } = makeScratch({ t });
      const [host, authority] = [makeKeyFiles(join(path, 'host')), makeKeyFiles(join(path, 'authority'))];
      const names = ['-h', '-I', 'host', '-n', '127.0.0.1'];
      execFileSync('ssh-keygen', ['-q', '-s', authority.file, ...names, `${host.file}.pub`], { stdio: 'pipe' });
      return {
        server: { config: [`HostKey ${host.file}`, `HostCertificate ${host.file}-cert.pub`] },
        scene: () => ({ target: { hostKeys: pinnedHostKeys([host.fingerprint]) } }),
      };
    },
  }),
  sshdRow({
    name: 'sshd-knownhosts-hashed-mismatch',
    what: 'known_hosts has another key under the hashed name of the host',
    expect: { ...kex, type: 'SshHostKeyMismatch', message: /SHA256:/ },
    prepare: ({ t }) => ({
      scene: (server) => {
        const scratch = makeScratch({ t });
        const other = makeKeyFiles(join(scratch.path, 'other'));
        const file = scratch.write('known_hosts', `[127.0.0.1]:${server.port} ${other.publicKey}\n`);
        execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'pipe' });
        return { target: { hostKeys: knownHosts(server, file) }, check: nothingOffered };
      },
    }),
  }),
  sshdRow({
    name: 'sshd-knownhosts-hashed-ok',
    what: 'known_hosts has the key under the hashed name of the host',
    expect: { ends: 'success' },
    prepare: ({ t }) => ({
      scene: (server) => {
        const file = makeScratch({ t }).write('known_hosts', `${server.knownHostsLine}\n`);
        execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'pipe' });
        return { target: { hostKeys: knownHosts(server, file) } };
      },
    }),
  }),
  sshdRow({
    name: 'sshd-knownhosts-unknown',
    what: 'known_hosts says nothing of the host',
    expect: { ...kex, type: 'SshHostKeyUnknown' },
    prepare: ({ t }) => ({
      scene: (server) => ({
        target: { hostKeys: knownHosts(server, makeScratch({ t }).write('known_hosts', '')) },
        check: nothingOffered,
      }),
    }),
  }),
  sshdRow({
    name: 'sshd-knownhosts-other-type',
    what: 'known_hosts has the ECDSA key; the Ed25519 key, which the server has too, is not asked for',
    expect: { ends: 'success' },
    prepare: ({ t }) => ({
      server: { hostKeyTypes: ['ed25519', 'ecdsa'] },
      scene: (server) => {
        const file = makeScratch({ t }).write('known_hosts', `${server.knownHostsLines[1]}\n`);
        return { target: { hostKeys: knownHosts(server, file) } };
      },
    }),
  }),
  sshdRow({
    name: 'sshd-only-legacy-kex',
    what: 'OpenSSH with diffie-hellman-group1-sha1 only',
    expect: { ...kex, type: 'SshNoCommonAlgorithms', message: /key exchange/ },
    prepare: () => ({
      server: { config: ['KexAlgorithms diffie-hellman-group1-sha1'] },
      scene: () => ({ check: nothingOffered }),
    }),
  }),
];
