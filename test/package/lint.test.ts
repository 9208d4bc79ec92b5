import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const skip = major < 20 || (major === 20 && minor < 19) ? 'ESLint needs Node 20.19 or later' : false;

function run(program: string, ...args: string[]): void {
  const root = join(__dirname, '..', '..', '..');
  const bin = join(root, 'node_modules', program, 'bin', `${program}.${program === 'prettier' ? 'cjs' : 'js'}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
}

it('ESLint finds nothing', { skip }, () => run('eslint', '.'));
it('Prettier finds nothing', { skip }, () => run('prettier', '--check', '.'));
