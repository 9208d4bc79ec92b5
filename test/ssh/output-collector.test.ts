import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { OutputCollector } from '../../ssh/output-collector';
import { renderOutput } from '../../ssh/render-output';
import { seededRandom } from './support/seeded-random';

const MARKER = /\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n/;

function collect(limit: number, pieces: readonly Buffer[]): OutputCollector {
  const collector = new OutputCollector(limit);
  for (const piece of pieces) {
    // The receive buffer that a chunk is a part of is used again.
    const reused = Buffer.from(piece);
    collector.push(reused);
    reused.fill(0xee);
  }
  return collector;
}

void test('beginning, end, count and hash do not depend on the pieces', () => {
  const random = seededRandom(11);
  for (let round = 0; round < 300; round += 1) {
    const bytes = random.bytes(random.below(random.pick([5, 100, 5_000])));
    const limit = random.below(random.pick([3, 50, 6_000]));
    const { head, tail, ...rest } = collect(limit, random.split(bytes)).finish();
    const kept = Math.min(bytes.length, Math.ceil(limit / 2));
    const end = Math.min(bytes.length - kept, Math.floor(limit / 2));
    assert.ok(head.equals(bytes.subarray(0, kept)), `round ${round}: beginning`);
    assert.ok(tail.equals(bytes.subarray(bytes.length - end)), `round ${round}: end`);
    assert.deepEqual(rest, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
});

void test('many small writes are bounded in memory and cheap', () => {
  const collector = new OutputCollector(65_536);
  const piece = Buffer.from('x');
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 1_000_000; count += 1) collector.push(piece);
  const grown = (process.memoryUsage().arrayBuffers - before) / 1024 / 1024;
  assert.ok(grown < 50, `${grown} MiB`);
  assert.equal(collector.finish().bytes, 1_000_000);
});

void test('text of what fits is the text, whatever the pieces', () => {
  const random = seededRandom(12);
  for (let round = 0; round < 100; round += 1) {
    const text = Array.from({ length: random.below(200) }, () => random.pick(['a', 'ü', '世', '\u{1f600}', '\n'])).join(
      ''
    );
    const collected = collect(4_000, random.split(Buffer.from(text))).finish();
    assert.deepEqual(renderOutput(collected, 'utf8'), { text, truncated: false, invalidUtf8: false });
    const base64 = { text: Buffer.from(text).toString('base64'), truncated: false, invalidUtf8: false };
    assert.deepEqual(renderOutput(collected, 'base64'), base64);
  }
});

void test('a cut splits no character, and counts what is left out', () => {
  const random = seededRandom(13);
  for (let round = 0; round < 1_000; round += 1) {
    const text = Array.from({ length: 200 }, () => random.pick(['a', 'ü', '世', '\u{1f600}'])).join('');
    const limit = random.below(150);
    const collected = collect(limit, random.split(Buffer.from(text))).finish();
    const rendered = renderOutput(collected, 'utf8');
    const [marker = '', left = ''] = MARKER.exec(rendered.text) ?? [];
    const [start = '', end = ''] = rendered.text.split(marker);
    assert.ok(text.startsWith(start) && text.endsWith(end), `round ${round}: ${rendered.text}`);
    assert.equal(Number(left), Buffer.byteLength(text) - Buffer.byteLength(start) - Buffer.byteLength(end));
    assert.ok(Buffer.byteLength(start) + Buffer.byteLength(end) > limit - 8, 'no more is left out than has to be');
    assert.deepEqual([rendered.truncated, rendered.invalidUtf8], [true, false]);
  }
});

void test('bytes that are no UTF-8 are replaced, and said to be', () => {
  const bad = [[0xff], [0xc3, 0x28], [0xe4, 0xb8], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0x80], [0xf0, 0x9f, 0x98]];
  for (const bytes of bad) {
    const collected = collect(100, [Buffer.from('a'), Buffer.from(bytes), Buffer.from('b')]).finish();
    const rendered = renderOutput(collected, 'utf8');
    assert.equal(rendered.invalidUtf8, true, bytes.join());
    assert.match(rendered.text, /^a\ufffd.*b$/);
  }
  const whole = collect(4, [Buffer.from([0x61, 0xff, 0x62, 0x63, 0x64, 0x65, 0x66])]).finish();
  assert.deepEqual(renderOutput(whole, 'utf8').invalidUtf8, true);
});
