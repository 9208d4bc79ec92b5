import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { createHostDirectory } from '../../../ssh/hosts';
import { createFixture, failure } from './fixture';

/** What the tests of hosts files work on. */
export interface HostsFileGround {
  readonly fixture: ReturnType<typeof createFixture>;
  /** The path that {@link problems} writes to. */
  readonly file: string;
  /** The lines of the error, without the file's name. */
  problems(text: string, type?: string): Promise<string[]>;
  /** A file that is right but for one host. */
  withHost(host: string): string;
  /** A file that is right but for one credential. */
  withCredential(credential: string): string;
}

/** Makes keys and files, with the home directory among them, for the tests of a suite. */
export function useHostsFile(): HostsFileGround {
  const fixture = createFixture();
  const file = fixture.path('hosts.yaml');
  const { HOME } = process.env;
  before(() => {
    process.env['HOME'] = fixture.dir;
    fixture.key('key');
    fixture.key('locked', { passphrase: 'correct horse' });
    fixture.write('known_hosts', '');
    fixture.write('open', 'secret', 0o644);
  });
  after(() => {
    if (HOME === undefined) delete process.env['HOME'];
    else process.env['HOME'] = HOME;
    fixture.remove();
  });

  async function problems(text: string, type = 'SshConfigInvalid'): Promise<string[]> {
    fixture.write('hosts.yaml', text);
    const error = await failure(() => createHostDirectory(file));
    assert.equal(error.type, type, error.message);
    assert.equal(error.details.stage, 'config');
    const lines = error.message.split('\n  ').slice(1);
    for (const line of lines) assert.ok(line.startsWith(`${file}:`), line);
    return lines.map((line) => line.slice(file.length + 1));
  }

  const withHost = (host: string): string =>
    `defaults: { user: u, credential: { privateKeyFile: key }, knownHosts: known_hosts }\nhosts:\n  web: { ${host} }\n`;
  const withCredential = (credential: string): string =>
    `credentials:\n  c: { ${credential} }\nhosts:\n  web: { address: a, user: u, credential: c, knownHosts: known_hosts }\n`;

  return { fixture, file, problems, withHost, withCredential };
}
