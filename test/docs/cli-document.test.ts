import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { it } from 'node:test';
import { EXIT } from '../../cli/exit-codes';
import { createProgram } from '../../cli/program';
import { cliDocument } from './cli-document';

const text = readFileSync(resolve('docs/cli.md'), 'utf8');

// These have their places in other documents.
const ELSEWHERE = ['dev', 'worker', 'exec', 'job', 'check', 'gate'];

it('docs/cli.md is what the program says (npm run docs:cli writes it)', () => {
  assert.equal(text, cliDocument());
});

it('docs/cli.md has each command and each of its options', () => {
  for (const command of createProgram().commands.filter((each) => !ELSEWHERE.includes(each.name()))) {
    for (const [path, each] of [
      [command.name(), command] as const,
      ...command.commands.map((below) => [`${command.name()} ${below.name()}`, below] as const),
    ]) {
      const section = text.split(`\n## temporal-ssh ${path}\n`)[1]?.split('\n## ')[0];
      assert.ok(section, path);
      for (const { flags, long } of each.options)
        assert.ok(section.includes(`\`${flags.split(' ')[0]}`), `${path} ${long}`);
    }
  }
});

it('the help of a run names each exit code of its end', () => {
  const { runUndone, runFailed, runNotUndone, runCancelled, runAborted } = EXIT;
  const section = text.split('\n## temporal-ssh run\n')[1]?.split('\n## ')[0] ?? '';
  for (const code of [runUndone, runFailed, runNotUndone, runCancelled, runAborted]) {
    assert.match(section, new RegExp(`\\b${code} `), String(code));
  }
});
