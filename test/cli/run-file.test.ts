import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SshRunKind } from '../../client';
import { CliError } from '../../cli/cli-error';
import { parseRunFile } from '../../cli/run-file';
import { runCli } from './support/run-cli';
import { makeScratch } from '../support/scratch';

const runbook = 'name: one\nhosts: [web]\nsteps:\n  - name: a\n    exec: "true"\n';

/** What is wrong, line by line; none for a file that is right. */
function problems(text: string, kind: SshRunKind = 'runbook'): readonly string[] {
  try {
    parseRunFile(text, { file: 'f.yaml', kind });
    return [];
  } catch (error) {
    assert.ok(error instanceof CliError);
    assert.equal(error.exitCode, 78);
    return error.message.split('\n');
  }
}

void describe('the file of a run', () => {
  const table: readonly (readonly [string, string, readonly RegExp[], SshRunKind?])[] = [
    ['a runbook', runbook, []],
    ['JSON', JSON.stringify({ name: 'one', hosts: ['web'], steps: [{ name: 'a', exec: 'true' }] }), []],
    ['nothing', '', [/^f\.yaml:1:1: expected an object/]],
    ['a list', '- a\n', [/^f\.yaml:1:1: expected an object/]],
    ['a field in the wrong place', `${runbook}    excc: 1\n`, [/^f\.yaml:6:5: steps\[0\]\.excc: expected /]],
    ['a key twice', `${runbook}name: two\n`, [/^f\.yaml:6:1: expected each key once, found "name" again$/]],
    ['bad YAML', 'name: "x\n', [/^f\.yaml:\d+:\d+: expected YAML 1\.2 or JSON/]],
    ['an alias that nobody has named', 'name: *x\n', [/^f\.yaml:1:1: expected aliases that can be resolved/]],
    ['a merge key, which YAML 1.2 has not', `${runbook}<<: {}\n`, [/^f\.yaml:6:1: <<: expected one of /]],
    ['an anchor', 'name: one\nhosts: &h [web]\nsteps:\n  - {name: a, exec: "true", hosts: *h}\n', []],
    [
      'several at once, in the order of the file',
      'name: ""\nhosts: [web]\nsteps:\n  - name: a\n    exec: ""\n  - name: a\n    sleep: soon\n',
      [
        /^f\.yaml:1:7: name: /,
        /^f\.yaml:5:11: steps\[0\]\.exec: /,
        /^f\.yaml:6:11: steps\[1\]\.name: /,
        /^f\.yaml:7:12: steps\[1\]\.sleep: /,
      ],
    ],
    ['a field that is missing', 'name: one\nhosts: [web]\n', [/^f\.yaml:1:1: steps: expected it to be there/]],
    [
      'a field of a step that is missing',
      'name: one\nhosts: [web]\nsteps:\n  - {name: a, exec: "true"}\n  - exec: "true"\n',
      [/^f\.yaml:5:5: steps\[1\]\.name: /],
    ],
    [
      'a rollout',
      'name: r\nhosts: [a]\nchange:\n  - {name: a, exec: "true"}\nbatch: none\n',
      [/^f\.yaml:5:8: batch: /],
      'rollout',
    ],
    [
      'a maintenance',
      'name: m\nhosts: [a]\njob:\n  - {name: a}\n',
      [/^f\.yaml:4:5: job\[0\]: expected exactly one of/],
      'maintenance',
    ],
  ];
  for (const [what, text, expected, kind] of table) {
    void test(what, () => {
      const found = problems(text, kind);
      assert.equal(found.length, expected.length, found.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
    });
  }

  void test('aliases that unfold to a great many values are refused', () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(',')}]`);
    assert.match(problems(['l0: &l0 x', ...levels].join('\n')).join('\n'), /expected aliases that can be resolved/);
  });

  void test('the command line goes before the file', () => {
    const overrides = { env: { A: 'mine', B: 'new' }, host: ['other'] };
    const parsed = parseRunFile(`${runbook}env: {A: file, C: kept}\n`, { file: 'f', kind: 'runbook', overrides });
    assert.deepEqual([parsed.env, parsed.hosts], [{ A: 'mine', B: 'new', C: 'kept' }, ['other']]);
  });

  void test('is checked before Temporal is looked for; its size is limited', async (t) => {
    const scratch = makeScratch({ t });
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const run = (...args: string[]): ReturnType<typeof runCli> => runCli(args, { env, t, stdin: 'name: 1\n' });
    const bad = await run('run', '-');
    assert.equal(bad.code, 78);
    assert.match(bad.stderr, /^<stdin>:1:1: steps: [^\n]*\n<stdin>:1:7: name: /);
    const large = await run('rollout', scratch.write('large.yaml', '#'.repeat(1024 * 1024 + 1)));
    assert.deepEqual([large.code, /is larger than 1 MiB/.test(large.stderr)], [78, true], large.stderr);
    const missing = await run('maintain', `${scratch.path}/none.yaml`);
    assert.equal(missing.code, 78);
    assert.match(missing.stderr, /none\.yaml: there is no such file\. Name one, or - for the standard input\.\n$/);
    const directory = await run('run', scratch.path);
    assert.deepEqual([directory.code, /is a directory\. Name a file/.test(directory.stderr)], [78, true]);
  });
});
