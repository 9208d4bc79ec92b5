import { mkdirSync, rmSync } from 'node:fs';
import { after, before, beforeEach } from 'node:test';
import { createHostDirectory } from '../../../../ssh/hosts';
import type { HostDirectory, HostsFile } from '../../../../ssh/hosts';
import type { SshTarget } from '../../../../ssh/target';
import { createFixture, failure } from '../fixture';
import type { Fixture } from '../fixture';

/** What the tests of OpenSSH's configuration work on. */
export interface SshConfigGround {
  readonly fixture: Fixture;
  /** The configuration of the home directory. */
  readonly config: string;
  /** Writes that file and reads it, with more of a hosts file if wanted. */
  directory(text: string, more?: HostsFile): HostDirectory;
  /** The credentials of a target: the paths of its keys, or the types of other methods. */
  labels(target: SshTarget): readonly string[];
  /** Type and message, with plain file names, of what a name fails with. */
  refusal(text: string, name: string, more?: HostsFile): Promise<readonly [string, string]>;
}

/** Makes a home directory with keys and no agent, for the tests of a suite. */
export function useSshConfig(): SshConfigGround {
  const fixture = createFixture();
  const { HOME, SSH_AUTH_SOCK } = process.env;
  const config = fixture.path('.ssh/config');
  before(() => {
    process.env['HOME'] = fixture.dir;
    delete process.env['SSH_AUTH_SOCK'];
    mkdirSync(fixture.path('.ssh'));
    for (const name of ['key', 'other', 'host']) fixture.key(name);
    fixture.key('locked', { passphrase: 'correct horse' });
    fixture.key('.ssh/id_ed25519');
    fixture.write('secret', 'correct horse\n');
  });
  beforeEach(() => {
    for (const name of ['known_hosts', 'known_hosts2']) rmSync(fixture.path(`.ssh/${name}`), { force: true });
  });
  after(() => {
    for (const [name, value] of Object.entries({ HOME, SSH_AUTH_SOCK })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    fixture.remove();
  });

  function directory(text: string, more: HostsFile = {}): HostDirectory {
    fixture.write('.ssh/config', text);
    return createHostDirectory({ sshConfig: true, ...more });
  }
  const labels = ({ auth }: SshTarget): readonly string[] =>
    auth.map((method) => (method.type === 'publickey' ? method.label.slice(fixture.dir.length + 1) : method.type));
  const refusal = async (text: string, name: string, more?: HostsFile): Promise<[string, string]> => {
    const { type, message } = await failure(() => directory(text, more).resolve(name));
    return [type, message.replaceAll(`${fixture.dir}/.ssh/`, '')];
  };
  return { fixture, config, directory, labels, refusal };
}
