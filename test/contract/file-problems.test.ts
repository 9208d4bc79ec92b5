import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  MAX_CONTENT_BYTES,
  describeProblems,
  downloadProblems,
  putFileProblems,
  runbookProblems,
  syncProblems,
  uploadProblems,
} from '../../contract';
import type { OptionProblem } from '../../contract';

const SECRET = 'hunter2-secret';
const SHA256 = 'a'.repeat(64);

const UPLOAD = { host: 'box', from: 'builds:app.tgz', to: '/opt/app.tgz' };
const DOWNLOAD = { host: 'box', from: '/var/log/app.log', to: 'logs:box/app.log' };
const PUT_FILE = { host: 'box', to: '/etc/motd', content: SECRET };
const SYNC = { host: 'box', from: 'site:public', to: '/srv/www' };

type Case = readonly [input: Record<string, unknown>, option: string, found: RegExp];

function each(
  problemsOf: (input: unknown) => readonly OptionProblem[],
  good: Record<string, unknown>,
  cases: readonly Case[]
): void {
  for (const [input, option, found] of cases) {
    const problems = problemsOf({ ...good, ...input });
    const what = `${JSON.stringify(input).slice(0, 200)}: ${JSON.stringify(problems)}`;
    assert.deepEqual(
      problems.map((problem) => problem.option),
      [option],
      what
    );
    assert.match(problems[0]?.found ?? '', found, what);
    assert.ok(!JSON.stringify(problems).includes(SECRET), `no content is shown: ${what}`);
  }
}

const PLACING: readonly Case[] = [
  [{ mode: 644 }, 'mode', /^the number 644$/],
  [{ mode: '0844' }, 'mode', /^"0844"$/],
  [{ mode: 'u+x' }, 'mode', /u\+x/],
  [{ owner: '' }, 'owner', /empty/],
  [{ owner: ':' }, 'owner', /":"/],
  [{ owner: '--reference=x' }, 'owner', /--ref/],
  [{ owner: 'app:' }, 'owner', /app:/],
  [{ backup: 'yes' }, 'backup', /yes/],
  [{ validate: 'visudo -c' }, 'validate', /^no \{\}$/],
  [{ validate: ['visudo', '-c'] }, 'validate', /^no \{\}$/],
  [{ validate: [] }, 'validate', /empty list/],
  [{ makeDirectories: 1 }, 'makeDirectories', /number 1/],
  [{ makeDirectory: true }, 'makeDirectory', /unknown option; makeDirectories is near$/],
  [{ xyzzy: true }, 'xyzzy', /unknown option$/],
  [{ via: 'scp' }, 'via', /scp/],
  [{ timeouts: { idel: '1s' } }, 'timeouts.idel', /unknown name/],
  [{ host: '' }, 'host', /empty/],
  [{ to: '/opt/app/' }, 'to', /app\/"$/],
  [{ to: '/opt/..' }, 'to', /\.\./],
  [{ to: '' }, 'to', /empty/],
  [{ to: 5 }, 'to', /number 5/],
  [{ to: 'a\0b' }, 'to', /NUL at character 1/],
  [{ to: '/\ud800' }, 'to', /surrogate/],
  [{ to: `/${'x'.repeat(201)}` }, 'to', /^201 bytes$/],
  [{ to: `${'ü/'.repeat(1_400)}x` }, 'to', /^4201 bytes$/],
];

void test('an upload: what each option may be', () => {
  for (const from of [
    'builds:app.tgz',
    'builds:v1:2/app.tgz',
    { root: 'builds', path: 'v1/app.tgz' },
    { url: 'https://example.com/app.tgz?x=1', sha256: SHA256 },
    { source: 's3', key: 'app/v1' },
  ]) {
    assert.deepEqual(uploadProblems({ ...UPLOAD, from }), []);
  }
  for (const owner of ['app', 'app:app', ':www-data', '0:0', 'svc$', 'user@domain']) {
    assert.deepEqual(uploadProblems({ ...UPLOAD, owner }), [], owner);
  }
  for (const mode of ['644', '0644', '4755', '04755']) assert.deepEqual(uploadProblems({ ...UPLOAD, mode }), [], mode);
  const full = { mode: '0600', owner: 'a:b', backup: true, validate: ['visudo', '-cf', '{}'], makeDirectories: true };
  assert.deepEqual(uploadProblems({ ...UPLOAD, ...full, via: 'exec', sha256: SHA256.toUpperCase(), times: true }), []);
  each(uploadProblems, UPLOAD, [
    ...PLACING,
    [{ from: 'app.tgz' }, 'from', /app\.tgz/],
    [{ from: 'builds:' }, 'from', /builds:/],
    [{ from: 'builds:/etc/passwd' }, 'from.path', /passwd/],
    [{ from: 'builds:../x' }, 'from.path', /\.\./],
    [{ from: 'builds:a/../../x' }, 'from.path', /\.\./],
    [{ from: 'builds:dir/' }, 'from.path', /dir/],
    [{ from: 'https://example.com/x' }, 'from', /^a URL$/],
    [{ from: { url: 'https://example.com/x' } }, 'from.sha256', /nothing/],
    [{ from: { url: `https://me:${SECRET}@example.com/x`, sha256: SHA256 } }, 'from.url', /^one with them$/],
    [{ from: { url: 'ftp://example.com/x', sha256: SHA256 } }, 'from.url', /string/],
    [{ from: { source: 's3' } }, 'from.key', /nothing/],
    [{ from: { source: 's3', key: 'x', region: 'y' } }, 'from.region', /unknown field/],
    [{ from: { source: 's3', key: 'x', root: 'y', path: 'z' } }, 'from', /an object with source, key, root, path/],
    [{ from: {} }, 'from', /an object/],
    [{ from: undefined }, 'from', /nothing/],
    [{ sha256: 'abc' }, 'sha256', /abc/],
    [{ times: 'no' }, 'times', /no/],
  ]);
});

void test('a download: what each option may be', () => {
  for (const to of ['logs:a', { root: 'logs', path: 'a' }, { sink: 's3', key: 'a' }]) {
    assert.deepEqual(downloadProblems({ ...DOWNLOAD, to, maxBytes: 5, mode: '0600', sha256: SHA256 }), []);
  }
  each(downloadProblems, DOWNLOAD, [
    [{ from: '/var/log/' }, 'from', /log/],
    [{ to: { url: 'https://example.com/x', sha256: SHA256 } }, 'to', /an object with url/],
    [{ to: 'logs:../x' }, 'to.path', /\.\./],
    [{ maxBytes: 0 }, 'maxBytes', /number 0/],
    [{ maxBytes: 1.5 }, 'maxBytes', /1\.5/],
    [{ backup: true }, 'backup', /unknown option/],
  ]);
});

void test('putFile: content, its encoding, and the values of a template; nothing of them is shown', () => {
  const template = { content: 'port={{port}} key={{api.key}} {{not a place}} {{{port}}}' };
  const values = { port: 80, 'api.key': { secret: 'api' } };
  assert.deepEqual(putFileProblems({ ...PUT_FILE, ...template, values }), []);
  assert.deepEqual(putFileProblems({ ...PUT_FILE, content: '' }), []);
  assert.deepEqual(putFileProblems({ ...PUT_FILE, content: 'AAE=', encoding: 'base64' }), []);
  assert.deepEqual(putFileProblems({ ...PUT_FILE, content: 'x'.repeat(MAX_CONTENT_BYTES) }), []);
  const most = Buffer.alloc(MAX_CONTENT_BYTES).toString('base64');
  assert.deepEqual(putFileProblems({ ...PUT_FILE, content: most, encoding: 'base64' }), []);
  each(putFileProblems, PUT_FILE, [
    ...PLACING,
    [{ content: undefined }, 'content', /nothing/],
    [{ content: [SECRET] }, 'content', /list of 1/],
    [{ content: 'x'.repeat(MAX_CONTENT_BYTES + 1) }, 'content', /^262145 bytes$/],
    [{ content: 'ü'.repeat(MAX_CONTENT_BYTES / 2) + 'x' }, 'content', /^262145 bytes$/],
    [{ content: `${SECRET}!`, encoding: 'base64' }, 'content', /string of/],
    [{ encoding: 'latin1' }, 'encoding', /latin1/],
    [{ values: [SECRET] }, 'values', /list of 1/],
    [{ values: { a: null } }, 'values.a', /null/],
    [{ values: { a: { secret: 'x', more: SECRET } } }, 'values.a', /object/],
    [{ values: { a: NaN } }, 'values.a', /NaN/],
    [{ values: { a: SECRET } }, 'values.a', /^none$/],
    [{ content: '{{a}}', values: {} }, 'values.a', /^none$/],
    [{ content: '{{a}}', values: { a: 1, 'b c': 2 } }, 'values.b c', /b c/],
    [{ content: 'AAE=', encoding: 'base64', values: { a: 1 } }, 'values', /values/],
  ]);
});

void test('a sync: what each option may be', () => {
  const full = { include: ['**/*.html'], exclude: ['tmp/**'], delete: true, maxDelete: 0, dryRun: true };
  assert.deepEqual(syncProblems({ ...SYNC, ...full, fileMode: '0640', directoryMode: '0750', to: '/srv/www/' }), []);
  assert.deepEqual(syncProblems({ ...SYNC, from: { root: 'site', path: 'public/' } }), []);
  assert.deepEqual(syncProblems({ ...SYNC, from: 'site:.' }), []);
  each(syncProblems, SYNC, [
    [{ from: { source: 's3', key: 'x' } }, 'from', /an object with source/],
    [{ from: 'site:../x' }, 'from.path', /\.\./],
    [{ to: '' }, 'to', /empty/],
    [{ to: '/', delete: true }, 'to', /"\/"/],
    [{ include: '*' }, 'include', /string/],
    [{ include: ['a', ''] }, 'include.1', /empty/],
    [{ exclude: ['/etc'] }, 'exclude.0', /etc/],
    [{ exclude: ['a/../../b'] }, 'exclude.0', /\.\./],
    [{ exclude: new Array(1_001).fill('x') }, 'exclude', /1001/],
    [{ delete: 1 }, 'delete', /number 1/],
    [{ maxDelete: -1 }, 'maxDelete', /-1/],
    [{ fileMode: '999' }, 'fileMode', /999/],
    [{ directoryMode: 755 }, 'directoryMode', /755/],
    [{ dryrun: true }, 'dryrun', /dryRun is near/],
    [{ mode: '0644' }, 'mode', /unknown option/],
  ]);
});

void test('everything at once, and what is no object', () => {
  const problems = uploadProblems({ from: 'x', mode: 5 });
  assert.deepEqual(
    problems.map(({ option }) => option),
    ['host', 'to', 'from', 'mode']
  );
  for (const problemsOf of [uploadProblems, downloadProblems, putFileProblems, syncProblems]) {
    assert.equal(problemsOf(undefined)[0]?.option, 'input');
  }
});

void test('steps of runbooks', () => {
  const { host: _host, ...upload } = UPLOAD;
  const steps = [
    { name: 'a', upload: { ...upload, retry: { maximumAttempts: 3 }, deadline: '1h' }, undo: { exec: 'rm x' } },
    { name: 'b', download: { from: '/x', to: 'logs:{host}.log' }, when: { step: 'a', state: 'succeeded' } },
    { name: 'c', putFile: { to: '/x', content: 'y' } },
    { name: 'd', sync: { from: 'site:.', to: '/srv' }, hosts: ['web-1'] },
  ];
  assert.deepEqual(runbookProblems({ name: 'r', hosts: ['box'], steps }), []);
  const bad = [
    { name: 'a', upload: { ...upload, host: 'box' } },
    { name: 'b', download: '/x' },
    { name: 'c', putFile: { to: '/x', content: 'y', vallues: {} } },
    { name: 'd', sync: { from: 'site:.', to: '/srv', deadline: 'soon' }, mode: '0644' },
    { name: 'e', upload, exec: 'true' },
  ];
  const text = describeProblems('r', runbookProblems({ name: 'r', hosts: ['box'], steps: bad }));
  for (const expected of [
    /steps\[0\]\.upload\.host: /,
    /steps\[1\]\.download: expected an object/,
    /steps\[2\]\.putFile\.vallues: .*values is near/,
    /steps\[3\]\.sync\.deadline: /,
    /steps\[3\]\.mode: /,
    /steps\[4\]: expected exactly one of .*, found exec and upload/,
  ]) {
    assert.match(text, expected);
  }
});
