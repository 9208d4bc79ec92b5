import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Duration } from '@temporalio/common';
import { cpRequest, parsePlace } from '../../cli/cp-request';
import { byteText, progressLine, resultLines } from '../../cli/transfer-lines';

const FLAGS = { taskQueue: 'q', deadline: '1h' as Duration };

void test('what a place is', () => {
  for (const [text, place] of [
    ['web-1:/opt/x', { kind: 'host', host: 'web-1', path: '/opt/x' }],
    ['web-1:x:y', { kind: 'host', host: 'web-1', path: 'x:y' }],
    ['@builds/a/b.tgz', { kind: 'root', at: { root: 'builds', path: 'a/b.tgz' } }],
    ['@builds', { kind: 'root', at: { root: 'builds', path: '.' } }],
    ['https://example.com:8443/x', { kind: 'url', url: 'https://example.com:8443/x' }],
    ['./web-1:x', { kind: 'here', path: './web-1:x' }],
    ['/etc/motd', { kind: 'here', path: '/etc/motd' }],
  ] as const) {
    assert.deepEqual(parsePlace(text), place);
  }
});

void test('the input of the workflow', () => {
  const sha256 = 'A'.repeat(64);
  assert.deepEqual(cpRequest('https://e.org/a/app.tgz?sig=1', 'web:/opt/', { ...FLAGS, sha256, via: 'exec' }), {
    host: 'web',
    upload: { from: { url: 'https://e.org/a/app.tgz?sig=1', sha256 }, to: '/opt/app.tgz', deadline: '1h', via: 'exec' },
  });
  const sync = { sync: true, delete: true, mode: '0644' } as const;
  assert.deepEqual(cpRequest('@site', 'web:/srv/www/', { ...FLAGS, ...sync }), {
    host: 'web',
    sync: { from: { root: 'site', path: '.' }, to: '/srv/www/', delete: true, deadline: '1h', fileMode: '0644' },
  });
  assert.throws(
    () => cpRequest('@site', 'web:/srv', { ...FLAGS, sync: true, backup: true }),
    /backup: .*unknown option/
  );
});

void test('lines for people: what a server or a name says cannot draw on the terminal', () => {
  const progress = {
    phase: 'transfer',
    file: 'a\u001b[2J',
    bytes: 1_500_000,
    totalBytes: 6_000_000,
    bytesPerSecond: 1_500_000,
  };
  const line = progressLine(progress);
  assert.match(line, /^transfer \[={6} {18}\] {2}25% 1\.50 MB of 6\.00 MB, 1\.50 MB\/s, 3 s left {2}a/);
  assert.ok(!line.includes('\u001b'));
  assert.equal(progressLine(progress, 30).length, 30);
  assert.equal(
    progressLine({ phase: 'verify', file: 'a', bytes: 5, bytesPerSecond: 0, filesDone: 1, filesTotal: 2 }),
    'verify 5 B, 1 of 2 files  a'
  );
  assert.deepEqual([0, 999, 1_000, 99_900, 5e12, 5e16].map(byteText), [
    '0 B',
    '999 B',
    '1.00 kB',
    '99.9 kB',
    '5.00 TB',
    '50000 TB',
  ]);
  const result = {
    host: 'web',
    hostKeyFingerprint: '',
    path: '/x',
    bytes: 5,
    changed: true,
    transferredBytes: 5,
    resumedFrom: 0,
  };
  const lines = resultLines({ ...result, verifiedBy: 'host', elapsedMs: 1_000, attempt: 1, backup: '/x.bak' });
  assert.deepEqual(lines, ['web:/x: 5 B; 5 B in 1.0 s (5 B/s)', 'backup: web:/x.bak']);
});
