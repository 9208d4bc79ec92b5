import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJobStatus } from '../../../ssh/job/job-status';

const BASE = 'id=job-1 state=done';

void test('a full status', () => {
  const sum = 'a'.repeat(64);
  const line =
    `${BASE} kind=S code=15 started=1700000000 ended=1700000060 pid=12 waiter=11 boot=b-1 out=5 err=0 why=cancel ` +
    `reason=not%20wanted%0A left=12(sh),13(a%20b) sha_out=${sum} new=1 dir=/home/a b=c dir=x/job-1`;
  assert.deepEqual(parseJobStatus('web-1', line), {
    status: {
      host: 'web-1',
      id: 'job-1',
      state: 'done',
      signal: 'TERM',
      startedAt: '2023-11-14T22:13:20.000Z',
      endedAt: '2023-11-14T22:14:20.000Z',
      pid: 12,
      stdoutBytes: 5,
      stderrBytes: 0,
      endReason: 'cancel',
      cancelReason: 'not wanted',
      survivors: ['12(sh)', '13(a b)'],
      directory: '/home/a b=c dir=x/job-1',
      bootId: 'b-1',
    },
    started: true,
    stdoutSha256: sum,
  });
});

void test('a status with as little as there can be', () => {
  const absent = { host: 'web-1', id: 'x', state: 'absent', stdoutBytes: 0, stderrBytes: 0, directory: '', bootId: '' };
  assert.deepEqual(parseJobStatus('web-1', 'id=x state=absent'), { status: absent, started: false });
});

void test('ends of each kind', () => {
  const end = (fields: string): unknown[] => {
    const { exitCode, signal, exitAmbiguous } = parseJobStatus('web-1', `${BASE} ${fields}`).status;
    return [exitCode, signal, exitAmbiguous];
  };
  assert.deepEqual(end('kind=E code=0'), [0, undefined, undefined]);
  assert.deepEqual(end('kind=A code=143'), [143, undefined, true]);
  assert.deepEqual(end('kind=S code=34'), [undefined, '34', undefined]);
  assert.deepEqual(end('kind=U code=0'), [undefined, undefined, undefined]);
  assert.deepEqual(parseJobStatus('web-1', `${BASE} left=none`).status.survivors, []);
});

void test('anything else is a protocol error', () => {
  for (const line of [
    '',
    'state=done',
    'id=../x state=done',
    'id=x state=fine',
    `${BASE} x=1`,
    `${BASE} pid`,
    `${BASE} pid=1 pid=1`,
    `${BASE} pid=1e3`,
    `${BASE} out=99999999999999999999`,
    `${BASE} started=9999999999999999`,
    `${BASE} kind=Z code=0`,
    `${BASE} kind=E`,
    `${BASE} why=whim`,
    `${BASE} sha_out=abc`,
  ]) {
    assert.throws(() => parseJobStatus('web-1', line), { type: 'SshProtocolError' }, line);
  }
});
