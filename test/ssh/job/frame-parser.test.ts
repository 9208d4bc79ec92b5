import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExecFault } from '../../../ssh/exec-fault';
import { JobAnswer } from '../../../ssh/job/job-answer';
import { FrameParser } from '../../../ssh/job/frame-parser';
import type { JobEvent } from '../../../ssh/job/frame-parser';
import { seededRandom } from '../support/seeded-random';

const NONCE = '0123456789abcdef0123456789abcdef';
const STATE = 'id=job-1 state=running out=0 err=0 boot=b-1 dir=/home/a b/job-1';
const END = 'id=job-1 state=done kind=E code=0 out=12 err=3 boot=b-1 dir=/home/a b/job-1';

const ANSWER = Buffer.from(
  `Welcome\nto ${NONCE} here, almost`.replace(`${NONCE} here`, `${NONCE}here`) +
    `\n${NONCE} state ${STATE}\n${NONCE} follow\nO 0 7\nline\n\nX\nE 0 3\nerr\nH running 7 3\nO 7 5\nO 0 1\nX ${END}\n`
);

/** Neighbouring bytes of a stream as one event, so that chunking does not show. */
function read(chunks: readonly Buffer[]): unknown[] {
  const parser = new FrameParser(NONCE);
  const events: JobEvent[] = [];
  for (const chunk of chunks) {
    for (const event of parser.push(chunk)) {
      const last = events.at(-1);
      if (event.type === 'bytes' && last?.type === 'bytes' && last.stream === event.stream) {
        events[events.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, event.bytes]) };
      } else events.push(event);
    }
  }
  return events.map((event) => (event.type === 'bytes' ? { ...event, bytes: event.bytes.toString() } : event));
}

const WHOLE = [
  { type: 'state', text: STATE },
  { type: 'follow' },
  { type: 'bytes', stream: 'stdout', offset: 0, bytes: 'line\n\nX' },
  { type: 'bytes', stream: 'stderr', offset: 0, bytes: 'err' },
  { type: 'alive', state: 'running', stdout: 7, stderr: 3 },
  { type: 'bytes', stream: 'stdout', offset: 7, bytes: 'O 0 1' },
  { type: 'ended', text: END },
];

void test('an answer is the same, however it is cut', () => {
  assert.deepEqual(read([ANSWER]), WHOLE);
  assert.deepEqual(read([...ANSWER].map((byte) => Buffer.from([byte]))), WHOLE);
  const random = seededRandom(1);
  for (let round = 0; round < 300; round += 1) assert.deepEqual(read(random.split(ANSWER)), WHOLE);
});

void test('noise without end is skipped, and its last bytes are kept', () => {
  const parser = new FrameParser(NONCE);
  for (let round = 0; round < 1_000; round += 1) assert.deepEqual([...parser.push(Buffer.alloc(10_000, 120))], []);
  assert.deepEqual([parser.answered, parser.noise.length], [false, 2_048]);
  // A profile need not end its last line.
  assert.deepEqual([...parser.push(Buffer.from(`prompt> ${NONCE} end\n`))], [{ type: 'end' }]);
});

void test('what does not belong there is a failure that says so', () => {
  const start = `${NONCE} state ${STATE}\n${NONCE} follow\n`;
  for (const [text, message] of [
    [`${NONCE} state ${STATE}\nnoise\n`, /a line that is not its own/],
    [`${NONCE} other\n`, /a line that is none of its own/],
    [`${NONCE} error\n`, /a line that is none of its own/],
    [`${NONCE} end\nx`, /something after the end/],
    [`${start}O 0 1048577\n`, /too long/],
    [`${start}O 0 1\nab`, /longer than it says/],
    [`${start}O -1 1\n`, /a frame of a kind/],
    [`${start}H running 1\n`, /a frame of a kind/],
    [`${start}${'y'.repeat(70_000)}`, /a line without end/],
    [`${start}X ${END}\n\n`, /something after the end/],
  ] as const) {
    assert.throws(() => read([Buffer.from(text)]), message);
  }
});

async function answer(text: Buffer | string, cursor = { stdout: 0, stderr: 0 }) {
  const read = { stdout: '', stderr: '' };
  const onBytes = (stream: 'stdout' | 'stderr', _: number, bytes: Buffer): void =>
    void (read[stream] += bytes.toString());
  const judged = new JobAnswer('web-1', NONCE, 'follow', { cursor, onBytes });
  await judged.onStdout(Buffer.from(text));
  judged.onEnd(0);
  return { read, states: judged.statuses.map(({ status }) => status.state) };
}

void test('what was read before is dropped, and a gap is a failure', async () => {
  assert.deepEqual(await answer(ANSWER), {
    read: { stdout: 'line\n\nXO 0 1', stderr: 'err' },
    states: ['running', 'done'],
  });
  assert.deepEqual((await answer(ANSWER, { stdout: 5, stderr: 3 })).read, { stdout: '\nXO 0 1', stderr: '' });
  const gap = ANSWER.toString().replace('O 7 5', 'O 8 5');
  await assert.rejects(answer(gap), { type: 'SshProtocolError', message: /a gap of 1 bytes in stdout/ });
});

void test('an answer that is cut anywhere is no success', async () => {
  for (let at = 0; at < ANSWER.length - 1; at += 1) {
    await assert.rejects(answer(ANSWER.subarray(0, at)), (error: unknown) => {
      assert.ok(error instanceof ExecFault, `cut at ${at}`);
      assert.ok(['SshJobNoAnswer', 'SshExitStatusMissing'].includes(error.type), `cut at ${at}: ${error.type}`);
      return true;
    });
  }
});

void test('a host that lies is a typed failure, or is believed; nothing else', async () => {
  const random = seededRandom(2);
  const failures = new Set<string>();
  for (let round = 0; round < 5_000; round += 1) {
    const bytes = Buffer.from(ANSWER);
    for (let change = 0; change <= random.below(3); change += 1) bytes[random.below(bytes.length)] = random.below(256);
    try {
      await answer(bytes);
    } catch (error) {
      assert.ok(error instanceof ExecFault, String(error));
      failures.add(error.type);
    }
  }
  assert.deepEqual([...failures].sort(), ['SshExitStatusMissing', 'SshJobNoAnswer', 'SshProtocolError']);
});

void test('a failure that the host tells', async () => {
  const told = { type: 'SshJobNoSpace', message: 'cannot make /x: No space left on device' };
  await assert.rejects(answer(`${NONCE} error SshJobNoSpace ${told.message}\n`), told);
  await assert.rejects(answer(`${NONCE} error SshNoSuchType x\n`), { type: 'SshProtocolError' });
});
