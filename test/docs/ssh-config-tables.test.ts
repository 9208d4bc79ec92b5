import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { it } from 'node:test';
import { KEYWORDS, ruleOf } from '../../ssh/hosts/ssh-config/keywords';
import { SSH_CONFIG_MARKS, sshConfigTables } from './ssh-config-tables';

it('docs/configuration.md has the tables of keywords that the code works with', () => {
  const text = readFileSync(resolve('docs/configuration.md'), 'utf8');
  const [begin, end] = SSH_CONFIG_MARKS.map((mark) => text.indexOf(mark));
  const written = text.slice(Number(begin) + SSH_CONFIG_MARKS[0].length, end).trim();
  assert.equal(written, sshConfigTables(), 'copy them with: npm run docs:failures');
});

it('each keyword has one rule, and each that the installed ssh prints has one', () => {
  assert.equal(new Set(KEYWORDS.map(({ name }) => name.toLowerCase())).size, KEYWORDS.length);
  const { stdout } = spawnSync('ssh', ['-G', '-F', 'none', 'host'], { encoding: 'utf8' });
  const printed = stdout.split('\n').flatMap((line) => line.split(' ')[0] || []);
  assert.deepEqual(
    printed.filter((key) => ruleOf(key.toLowerCase()) === undefined),
    []
  );
});
