import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  EXEC_FIELDS,
  JOB_FIELDS,
  JOB_START_FIELDS,
  MAX_JOB_LOG_BYTES,
  describeProblems,
  execProblems,
  jobCancelProblems,
  jobLogProblems,
  jobProblems,
  jobReferenceProblems,
} from '../../contract';
import type { OptionProblem } from '../../contract';

const SECRET = 'hunter2-secret';
const JOB = { host: 'web-1', id: 'nightly' };

type Case = readonly [name: string, given: Record<string, unknown>, option: string, found: RegExp];

function refuses(problemsOf: (input: unknown) => readonly OptionProblem[], base: object, cases: readonly Case[]): void {
  for (const [name, given, option, found] of cases) {
    void test(`names the option and what was found: ${name}`, () => {
      const problems = problemsOf({ ...base, ...given });
      assert.deepEqual(
        problems.map((problem) => problem.option),
        [option]
      );
      assert.match(problems[0]?.found ?? '', found);
      const message = describeProblems('sshJob', problems);
      assert.ok(message.includes(option) && message.includes('expected') && message.length < 400, message);
      assert.doesNotMatch(message, new RegExp(SECRET));
    });
  }
}

const REFERENCE_CASES: readonly Case[] = [
  ['no host', { host: undefined }, 'host', /^nothing$/],
  ['no id', { id: undefined }, 'id', /^nothing$|^undefined$/],
  ['an empty id', { id: '' }, 'id', /^""$|^an empty string$/],
  ['an id that is a path', { id: 'a/b' }, 'id', /a\/b/],
  ['an id that leads up', { id: '..' }, 'id', /\.\./],
  ['an id of the tombs', { id: '.tomb' }, 'id', /\.tomb/],
  ['an id with a line feed at its end', { id: 'a\n' }, 'id', /./],
  ['an id just too long', { id: 'x'.repeat(101) }, 'id', /./],
  ['another user in words', { become: 'root' }, 'become', /^"root"$|^a string/],
  ['another user with an option of sudo', { become: { user: '-u root' } }, 'become.user', /./],
  ['another user who is unknown here', { become: { usr: 'x' } }, 'become.usr', /^an unknown name$/],
  ['a bad timeout', { timeouts: { exec: 'soon' } }, 'timeouts.exec', /^"soon"$/],
];

void describe('the input of sshJob', () => {
  refuses(jobProblems, { ...JOB, command: 'true' }, [
    ...REFERENCE_CASES,
    ['an empty command', { command: '' }, 'command', /^an empty command$/],
    ['a variable that is no string', { env: { A: { deep: SECRET } } }, 'env.A', /^a object$|^an object$/],
    ['stdin with NUL', { stdin: `${SECRET}\0` }, 'stdin', /^NUL$/],
    ['stdin that is no text', { stdin: { secret: SECRET } }, 'stdin', /^an object$/],
    ['a shell of two lines', { shell: '/bin/sh\n-x' }, 'shell', /^a string of 10 characters$/],
    ['no shell', { shell: '' }, 'shell', /^an empty string$/],
    ['a umask in decimal', { umask: '99' }, 'umask', /^"99"$|^a string/],
    ['a umask that is a number', { umask: 22 }, 'umask', /^the number 22$/],
    ['too nice', { nice: 20 }, 'nice', /^the number 20$/],
    ['half as nice', { nice: 0.5 }, 'nice', /^the number 0\.5$/],
    ['another class', { ioClass: 'fast' }, 'ioClass', /^"fast"$|^a string/],
    ['a deadline in words', { deadline: 'soon' }, 'deadline', /^"soon"$/],
    ['no time at all', { deadline: 0 }, 'deadline', /0/],
    ['a lease below 10 s', { lease: '9s' }, 'lease', /^9000 ms$/],
    ['a log of no byte', { maxLogBytes: 0 }, 'maxLogBytes', /^the number 0$/],
    ['a boot id that is none', { bootId: '' }, 'bootId', /^an empty string$/],
    ['exit codes above 255', { okExitCodes: [256] }, 'okExitCodes', /^a list of 1$/],
    ['a negative limit', { maxOutputBytes: -1 }, 'maxOutputBytes', /^the number -1$/],
    ['another encoding', { outputEncoding: 'latin1' }, 'outputEncoding', /^"latin1"$/],
    ['no grace', { killGrace: -1 }, 'killGrace', /-1/],
    ['another way to follow', { follow: 'push' }, 'follow', /^"push"$|^a string/],
    ['looks twice a second', { pollInterval: '500ms' }, 'pollInterval', /^500 ms$/],
    ['a sink that is a path', { sink: '/var/log' }, 'sink', /^"\/var\/log"$|^a string/],
    ['another clean-up', { cleanup: 'always' }, 'cleanup', /^"always"$|^a string/],
    ['an unknown option', { comand: SECRET }, 'comand', /^an unknown option$/],
    ['an option of every object', { constructor: SECRET }, 'constructor', /^an unknown option$/],
  ]);

  for (const option of JOB_START_FIELDS.filter((name) => name !== 'command')) {
    void test(`without command there is no ${option}`, () => {
      const good = { env: {}, cwd: '/', stdin: '', shell: 'sh', umask: '022', nice: 1, ioClass: 'idle', bootId: 'b' };
      const value = ({ ...good, deadline: '1h', lease: '1m', maxLogBytes: 1 } as Record<string, unknown>)[option];
      assert.notEqual(value, undefined);
      assert.deepEqual(jobProblems({ ...JOB, command: 'true', [option]: value }), []);
      const problems = jobProblems({ ...JOB, [option]: value });
      assert.deepEqual(
        problems.map((problem) => [problem.option, problem.expected]),
        [[option, 'it together with command']]
      );
    });
  }

  void test('what is good has no problems', () => {
    const good = [
      JOB,
      { ...JOB, command: 'true' },
      { ...JOB, command: ['a', ''], become: true, umask: '0027', nice: -20, ioClass: 'realtime', lease: 10_000 },
      { ...JOB, command: 'a', become: { user: 'www-data' }, follow: 'poll', pollInterval: '1s', cleanup: 'never' },
      { ...JOB, command: 'a', become: {}, deadline: undefined, stdin: '', sink: true, killGrace: '1s' },
      { ...JOB, id: 'x'.repeat(100), follow: 'stream', okExitCodes: [0, 3], maxOutputBytes: 0 },
      { ...JOB, id: '-a_B.9' },
    ];
    for (const input of good) assert.deepEqual(jobProblems(input), []);
  });

  void test('everything is told at once', () => {
    const options = jobProblems({ command: '', lease: '1s', extra: 1 }).map(({ option }) => option);
    assert.deepEqual(options.sort(), ['command', 'extra', 'host', 'id', 'lease']);
  });

  void test('inputs that are no objects', () => {
    for (const input of [undefined, null, 'web-1', 5, []]) {
      for (const problemsOf of [jobProblems, jobReferenceProblems, jobCancelProblems, jobLogProblems]) {
        assert.deepEqual(
          problemsOf(input).map(({ option }) => option),
          ['input']
        );
      }
    }
  });

  void test('its fields have no double, and those of a start are among them', () => {
    assert.equal(new Set(JOB_FIELDS).size, JOB_FIELDS.length);
    for (const name of JOB_START_FIELDS) assert.ok(JOB_FIELDS.includes(name), name);
  });
});

void describe('the input of sshJobStatus and sshJobCleanup', () => {
  refuses(jobReferenceProblems, JOB, [
    ...REFERENCE_CASES,
    ['a command', { command: SECRET }, 'command', /^an unknown option$/],
  ]);
});

void describe('the input of sshJobCancel', () => {
  refuses(jobCancelProblems, JOB, [
    ...REFERENCE_CASES,
    ['a reason that is no text', { reason: 5 }, 'reason', /^the number 5$/],
    ['a grace in words', { killGrace: 'soon' }, 'killGrace', /^"soon"$/],
  ]);

  void test('what is good has no problems', () => {
    assert.deepEqual(jobCancelProblems({ ...JOB, reason: '', killGrace: '1s', become: false }), []);
  });
});

void describe('the input of sshJobLog', () => {
  refuses(jobLogProblems, JOB, [
    ...REFERENCE_CASES,
    ['another stream', { stream: 'out' }, 'stream', /^"out"$|^a string/],
    ['half a byte', { from: 0.5 }, 'from', /^the number 0\.5$/],
    ['no length', { length: 0 }, 'length', /^the number 0$/],
    ['too long', { length: MAX_JOB_LOG_BYTES + 1 }, 'length', /^the number \d+$/],
  ]);

  void test('what is good has no problems', () => {
    assert.deepEqual(jobLogProblems({ ...JOB, stream: 'stderr', from: -100, length: MAX_JOB_LOG_BYTES }), []);
  });
});

void describe('once of sshExec', () => {
  refuses(execProblems, { host: 'web-1', command: 'true' }, [
    ['true, which names no job', { once: true }, 'once', /./],
    ['a path', { once: '../x' }, 'once', /./],
  ]);

  void test('is a field of the input, and takes an id', () => {
    assert.ok(EXEC_FIELDS.includes('once'));
    assert.deepEqual(execProblems({ host: 'web-1', command: 'true', once: 'deploy-1' }), []);
  });
});
