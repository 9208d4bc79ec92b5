import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanServerText } from '../../ssh/server-text';
import { seededRandom } from './support/seeded-random';

void test('text stays as it is, on one line', () => {
  assert.equal(cleanServerText('Exceeded MaxStartups'), 'Exceeded MaxStartups');
  assert.equal(cleanServerText('  Grüße,\r\n\t世界 \u{1f600}  '), 'Grüße, 世界 \u{1f600}');
  assert.equal(cleanServerText(Buffer.from('Grüße')), 'Grüße');
  assert.equal(cleanServerText(''), '');
});

void test('escape sequences go as a whole', () => {
  assert.equal(cleanServerText('\x1b[1;31mred\x1b[0m'), 'red');
  assert.equal(cleanServerText('a\x1b]0;title\x07b'), 'a b');
  assert.equal(cleanServerText('a\x1b]8;;http://x\x1b\\b'), 'a b');
  assert.equal(cleanServerText('a\x1b[2Jb\x1bMc\x1b'), 'a b c');
});

void test('nothing that controls, hides or turns text around is left', () => {
  const random = seededRandom(3);
  const nasty = [
    '\x1b',
    '\x9b',
    '\0',
    '\r',
    '\n',
    '\u2028',
    '\u2029',
    '\u202e',
    '\u200b',
    '\u2066',
    '\ufeff',
    '\ud800',
  ];
  for (let round = 0; round < 2_000; round += 1) {
    const text = Array.from({ length: 30 }, () =>
      random.below(2)
        ? random.pick(['a', ' ', '[', ']', ';', '3', 'm', 'ü'])
        : (nasty[random.below(nasty.length)] ?? '')
    ).join('');
    const clean = cleanServerText(text);
    assert.doesNotMatch(clean, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]| {2}|^ | $/u);
    assert.equal(cleanServerText(clean), clean, 'cleaning twice changes nothing');
  }
});

void test('it is cut to its limit, in the middle of nothing', () => {
  assert.equal(cleanServerText('x'.repeat(1_024)).length, 1_024);
  const long = cleanServerText('x'.repeat(50_000_000));
  assert.deepEqual([long.length, long.endsWith('x...')], [1_024, true]);
  assert.equal(cleanServerText('abcdefgh', 6), 'abc...');
  for (let limit = 4; limit < 12; limit += 1) {
    const cut = cleanServerText('\u{1f600}'.repeat(20), limit);
    assert.ok(cut.length <= limit && !/[\ud800-\udbff](?![\udc00-\udfff])/.test(cut), JSON.stringify(cut));
  }
  for (let offset = 0; offset < 4; offset += 1) {
    const bytes = Buffer.concat([Buffer.alloc(offset, 'a'), Buffer.from('\u{1f600}'.repeat(100_000))]);
    assert.ok(!cleanServerText(bytes).includes('\ufffd'));
  }
});
