import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedHostKeys } from '../../../../ssh/hosts/pinned-host-keys';
import { makeKeyFiles } from '../../../support/key-files';
import type { KeyFiles, KeyType } from '../../../support/key-files';
import { makeScratch } from '../../../support/scratch';
import type { Scratch } from '../../../support/scratch';
import { startSshScript } from '../../../support/ssh-script';
import { exec, targetOf } from '../../support/engine';
import { startRewritingFront } from '../../support/rewriting-front';
import type { FirstBytes } from '../../support/rewriting-front';
import type { CatalogueGround, CatalogueRow, Expectation, Scene } from '../row';
import { hashedName, knownHostsRow, knownHostsTarget } from '../support/known-hosts-row';
import type { KnownHostsGround } from '../support/known-hosts-row';
import { checkScript, sshRow } from '../support/ssh-row';

const mismatch = { ends: 'failure', type: 'SshHostKeyMismatch', stage: 'kex' } as const satisfies Expectation;
const unknown = { ends: 'failure', type: 'SshHostKeyUnknown', stage: 'kex' } as const satisfies Expectation;
const revoked = { ends: 'failure', type: 'SshHostKeyRevoked', stage: 'kex' } as const satisfies Expectation;
const unsigned = { ends: 'failure', type: 'SshHostKeySignatureInvalid', stage: 'kex' } as const satisfies Expectation;

function otherKey(scratch: Scratch, type: KeyType = 'ed25519'): KeyFiles {
  return makeKeyFiles(join(scratch.path, `other_${type}`), { type });
}

// The signature covers both identifications, so that a changed one makes it wrong.
const changeIdentification: FirstBytes = (bytes, write, done) => {
  write(Buffer.from(bytes.toString('latin1').replace('ssh2js', 'ssh3js'), 'latin1'));
  done();
};

const nameOf = ({ script }: KnownHostsGround): string => `[${script.address}]:${script.port}`;
const keyOf = ({ script }: KnownHostsGround): string => script.hostKey.publicKey;

/** The host key is judged before any credential is sent (RFC 4253 section 8). */
export const HOST_KEY_ROWS: readonly CatalogueRow[] = [
  sshRow({
    name: 'hostkey-mismatch',
    what: 'the pinned fingerprint is that of another key',
    expect: { ...mismatch, message: /Somebody may be in between/ },
    overrides: () => ({ hostKeys: pinnedHostKeys([`SHA256:${'B'.repeat(43)}`]) }),
  }),
  sshRow({
    name: 'kex-bad-signature',
    what: 'the server cannot prove to own its host key',
    expect: unsigned,
    front: async (script, { t }) => startRewritingFront(t, script, changeIdentification),
  }),
  {
    name: 'hostkey-changed',
    what: 'a host that was accepted with one key comes back with another one',
    expect: { ...mismatch, message: /known_hosts:1/ },
    arrange: async ({ t }: CatalogueGround): Promise<Scene> => {
      const [first, second] = [await startSshScript({ t }), await startSshScript({ t })];
      const knownHosts = makeScratch({ t }).write('known_hosts', '');
      const host = { knownHosts, hostKeyAlias: 'web', strictHostKeyChecking: 'accept-new' } as const;
      assert.equal((await exec(await knownHostsTarget(first, host))).exitCode, 0);
      return { target: await knownHostsTarget(second, host), check: () => checkScript(second, 'failure') };
    },
  },
  knownHostsRow({
    name: 'hostkey-unknown',
    what: 'known_hosts has no key of the host',
    expect: unknown,
    text: () => '',
  }),
  knownHostsRow({
    name: 'hostkey-other-port',
    what: 'known_hosts has the very key, for port 22 of the host only',
    expect: { ...unknown, message: /but for port 22/ },
    text: (ground) => `${ground.script.address} ${keyOf(ground)}\n`,
  }),
  knownHostsRow({
    name: 'hostkey-unreadable-line',
    what: 'the line of the host is damaged',
    expect: { ...unknown, message: /skipped: line 1/ },
    text: (ground) => `${nameOf(ground)} ${keyOf(ground).replace('AAAA', 'AA AA')}\n`,
  }),
  {
    name: 'hostkey-cert-authority',
    what: 'known_hosts has only an authority for the host: refused before anything is sent',
    expect: { ends: 'failure', type: 'SshConfigUnsupported', stage: 'config', message: /@cert-authority/ },
    arrange: async ({ t }: CatalogueGround): Promise<Scene> => {
      const script = await startSshScript({ t });
      const text = `@cert-authority * ${script.hostKey.publicKey}\n`;
      const knownHosts = makeScratch({ t }).write('known_hosts', text);
      return {
        target: targetOf(script),
        run: async () => exec(await knownHostsTarget(script, { knownHosts })),
        check: () => assert.equal(script.sockets.length, 0),
      };
    },
  },
  knownHostsRow({
    name: 'hostkey-negated',
    what: 'the pattern with the key excludes the host',
    expect: unknown,
    text: (ground) => `*,!${nameOf(ground)} ${keyOf(ground)}\n`,
  }),
  knownHostsRow({
    name: 'hostkey-hashed-mismatch',
    what: 'a hashed line has another key of the host',
    expect: mismatch,
    text: (ground) => `${hashedName(nameOf(ground))} ${otherKey(ground.scratch).publicKey}\n`,
  }),
  knownHostsRow({
    name: 'hostkey-other-type',
    what: 'known_hosts has a key of another type, and the host has none of that type',
    expect: { ...mismatch, message: /No key of this type is recorded/ },
    text: (ground) => `${nameOf(ground)} ${otherKey(ground.scratch, 'ecdsa').publicKey}\n`,
  }),
  knownHostsRow({
    name: 'hostkey-accept-new-mismatch',
    what: 'accept-new does not accept another key of a known host',
    expect: mismatch,
    host: { strictHostKeyChecking: 'accept-new' },
    text: (ground) => `${nameOf(ground)} ${otherKey(ground.scratch).publicKey}\n`,
  }),
  knownHostsRow({
    name: 'hostkey-revoked',
    what: 'the key is recorded, and revoked for all hosts',
    expect: { ...revoked, message: /known_hosts:2/ },
    text: (ground) => `${nameOf(ground)} ${keyOf(ground)}\n@revoked * ${keyOf(ground)}\n`,
  }),
  knownHostsRow({
    name: 'hostkey-hashed-ok',
    what: 'a hashed line has the key',
    expect: { ends: 'success' },
    text: (ground) => `${hashedName(nameOf(ground))} ${keyOf(ground)}\n`,
  }),
  knownHostsRow({
    name: 'hostkey-several-ok',
    what: 'one of several keys of the host, as while it is exchanged',
    expect: { ends: 'success' },
    text: (ground) => {
      const old = otherKey(ground.scratch).publicKey;
      return `${nameOf(ground)} ${old}\n# new one\n${nameOf(ground)} ${keyOf(ground)}\n`;
    },
  }),
  {
    name: 'hostkey-accept-new-ok',
    what: 'accept-new keeps the key of a new host, once it has proved to own it',
    expect: { ends: 'success' },
    arrange: async ({ t }: CatalogueGround): Promise<Scene> => {
      const script = await startSshScript({ t });
      const knownHosts = join(makeScratch({ t }).path, 'known_hosts');
      const check = async (): Promise<void> => {
        await checkScript(script, 'success');
        assert.equal(readFileSync(knownHosts, 'utf8').trim(), script.knownHostsLine);
      };
      return { target: await knownHostsTarget(script, { knownHosts, strictHostKeyChecking: 'accept-new' }), check };
    },
  },
  {
    name: 'hostkey-accept-new-unsigned',
    what: 'accept-new keeps nothing of a server that cannot prove to own its key',
    expect: unsigned,
    arrange: async ({ t }: CatalogueGround): Promise<Scene> => {
      const script = await startSshScript({ t });
      const { port } = await startRewritingFront(t, script, changeIdentification);
      const knownHosts = makeScratch({ t }).write('known_hosts', '');
      const check = async (): Promise<void> => {
        await checkScript(script, 'failure');
        assert.equal(readFileSync(knownHosts, 'utf8'), '');
      };
      const host = { knownHosts, strictHostKeyChecking: 'accept-new' } as const;
      return { target: await knownHostsTarget({ ...script, port }, host), check };
    },
  },
  {
    name: 'hostkey-accept-new-unwritable',
    what: 'the key of a new host cannot be kept: it would be accepted anew each time, whatever it is by then',
    expect: { ends: 'failure', type: 'SshConfigInvalid', stage: 'config' },
    arrange: async ({ t }: CatalogueGround): Promise<Scene> => {
      const script = await startSshScript({ t });
      const scratch = makeScratch({ t });
      const knownHosts = join(scratch.path, 'later', 'known_hosts');
      const target = await knownHostsTarget(script, { knownHosts, strictHostKeyChecking: 'accept-new' });
      // Its directory becomes a file, which not even root can write into.
      scratch.write('later', '');
      return { target, check: () => assert.deepEqual([...script.commands], []) };
    },
  },
];
