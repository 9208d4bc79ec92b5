import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useHostsFile } from './hosts-file-ground';

void describe('hosts file: what concerns jobs', () => {
  const { problems, withHost } = useHostsFile();

  void it('refuses a password of sudo in the file', async () => {
    const found = await problems(withHost('address: a, becomePassword: hunter2'));
    assert.equal(found.length, 1);
    assert.match(
      found[0] ?? '',
      /becomePassword: expected .* since secrets must not be in a hosts file, found a plain string/
    );
    assert.doesNotMatch(found.join(), /hunter2/);
  });

  void it('refuses a relative directory of jobs', async () => {
    const found = await problems(withHost('address: a, jobDirectory: jobs'));
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /jobDirectory: expected an absolute path on the host, found "jobs"/);
  });
});
