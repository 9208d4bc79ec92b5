import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { test } from 'node:test';
import { fitResult } from '../../activities/fit-result';
import { MAX_OUTPUT_BYTES, MAX_RESULT_BYTES } from '../../contract';
import type { SshExecResult, SshOutputEncoding } from '../../contract';
import { OutputCollector } from '../../ssh/output-collector';
import { renderOutput } from '../../ssh/render-output';

const PLAIN: SshExecResult = {
  host: 'box',
  hostKeyFingerprint: 'SHA256:x',
  exitCode: 0,
  signal: null,
  stdout: '',
  stderr: '',
  stdoutBytes: 0,
  stderrBytes: 0,
  stdoutSha256: '',
  stderrSha256: '',
  truncated: false,
  invalidUtf8: false,
  stages: { connectMs: 0, bannerMs: 0, kexMs: 0, authMs: 0, channelMs: 0, execMs: 0, runMs: 0 },
  reused: false,
  attempt: 1,
};

const bytesOf = (result: SshExecResult): number => Buffer.byteLength(JSON.stringify(result));

/** A stream as the engine hands it on. */
function rendered(bytes: Buffer, encoding: SshOutputEncoding, keep = MAX_OUTPUT_BYTES): string {
  const collector = new OutputCollector(keep);
  for (let at = 0; at < bytes.length; at += 32_768) collector.push(bytes.subarray(at, at + 32_768));
  return renderOutput(collector.finish(), encoding).text;
}

const repeat = (text: string, length: number): Buffer => Buffer.alloc(length, text);

/** What grows in JSON, in UTF-8, in base64, or not at all. */
const STREAMS: Readonly<Record<string, (length: number) => Buffer>> = {
  'random bytes': (length) => randomBytes(length),
  NULs: (length) => Buffer.alloc(length),
  'quotes and backslashes': (length) => repeat('"\\', length),
  'surrogate pairs': (length) => repeat('\u{1F600}', length),
  'bytes that are not UTF-8': (length) => Buffer.alloc(length, 0xff),
  'escape sequences': (length) => repeat('\x1b[31m', length),
  'line separators': (length) => repeat('\u2028', length),
  'plain text': (length) => repeat('log line\n', length),
};

const LONE_SURROGATE = /\p{Surrogate}/u;
const FLOOD = 3 * MAX_OUTPUT_BYTES;

for (const [name, make] of Object.entries(STREAMS)) {
  for (const encoding of ['utf8', 'base64'] as const) {
    void test(`${name} in both streams, as ${encoding}, never exceed the limit`, () => {
      for (const [out, err] of [
        [FLOOD, FLOOD],
        [FLOOD, 0],
        [0, MAX_OUTPUT_BYTES],
        [randomInt(FLOOD), randomInt(FLOOD)],
      ] as const) {
        const [stdout, stderr] = [rendered(make(out), encoding), rendered(make(err), encoding)];
        const result = { ...PLAIN, stdout, stderr };
        const fitted = fitResult(result, encoding);
        assert.ok(bytesOf(fitted) <= MAX_RESULT_BYTES, `${bytesOf(fitted)} bytes for ${out} and ${err}`);
        assert.equal(fitted.truncated, bytesOf(result) > MAX_RESULT_BYTES, 'says so, exactly when it cut');
        // No more than half of what would have fitted is given up.
        if (fitted.truncated) assert.ok(bytesOf(fitted) > MAX_RESULT_BYTES / 4, `${bytesOf(fitted)} bytes are left`);
        for (const text of [fitted.stdout, fitted.stderr]) {
          assert.doesNotMatch(text, LONE_SURROGATE);
          if (encoding === 'base64') assert.equal(Buffer.from(text, 'base64').toString('base64'), text, 'decodable');
        }
      }
    });
  }
}

void test('a small limit, texts of every length: within it, or nothing left to cut', () => {
  const overhead = bytesOf(PLAIN);
  for (let round = 0; round < 2_000; round += 1) {
    const encoding = round % 2 === 0 ? 'utf8' : 'base64';
    const make = Object.values(STREAMS)[round % Object.keys(STREAMS).length] as (length: number) => Buffer;
    const [stdout, stderr] = [randomInt(4_000), randomInt(4_000)].map((length) =>
      rendered(make(length), encoding, 900)
    );
    const limit = overhead + randomInt(3_000);
    const fitted = fitResult({ ...PLAIN, stdout: stdout ?? '', stderr: stderr ?? '' }, encoding, limit);
    assert.ok(bytesOf(fitted) <= limit, `${bytesOf(fitted)} bytes, ${limit} allowed`);
    if (encoding === 'base64') {
      for (const text of [fitted.stdout, fitted.stderr])
        assert.equal(Buffer.from(text, 'base64').toString('base64'), text);
    } else {
      assert.doesNotMatch(fitted.stdout + fitted.stderr, LONE_SURROGATE);
    }
  }
});

void test('beginning and end are kept, and the place of the cut is told', () => {
  const stdout = `BEGIN${'\0'.repeat(600_000)}END`;
  const fitted = fitResult({ ...PLAIN, stdout });
  assert.match(fitted.stdout, /^BEGIN/);
  assert.match(fitted.stdout, /END$/);
  assert.equal(fitted.stdout.split('left out to fit').length, 2, 'told once, however often it was cut');
});

void test('a result that fits is the very same', () => {
  const result = { ...PLAIN, stdout: 'x'.repeat(1_000_000) };
  assert.equal(fitResult(result), result);
});
