import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { requireProgram } from '../support/find-program';
import { projectRoot } from './project-root';

it('ShellCheck finds nothing in what runs on the host', () => {
  const file = join(projectRoot(), 'ssh', 'job', 'host-side.sh');
  const { status, stdout, stderr } = spawnSync(requireProgram('shellcheck'), ['-s', 'sh', file], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});
