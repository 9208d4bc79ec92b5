import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdentificationParser } from '../../ssh/identification-parser';
import { parseIdentification } from './support/parse-identification';
import type { ParsedIdentification } from './support/parse-identification';
import { seededRandom } from './support/seeded-random';

const LINE = `${'x'.repeat(1_000)}\r\n`;

const STREAMS: readonly (readonly [string, string, ParsedIdentification['state']])[] = [
  ['the line alone', 'SSH-2.0-OpenSSH_9.9\r\n', 'complete'],
  ['a comment', 'SSH-2.0-OpenSSH_9.9 Debian-1 and more\r\n', 'complete'],
  ['LF alone', 'SSH-2.0-x\n', 'complete'],
  ['SSH-1.99', 'SSH-1.99-x\r\n', 'complete'],
  ['packets behind it, with lines in them', 'SSH-2.0-x\r\n\0\0\0\x0c\n\x14SSH-1.5-x\r\n\xff', 'complete'],
  ['text before it', 'hello\r\n\r\nSSH\r\nfake SSH-2.0-y\nSSH-2.0-x\r\n', 'complete'],
  ['text that looks like another protocol', 'HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n', 'complete'],
  ['a line of 8 KiB', `${'y'.repeat(8 * 1024)}\nSSH-2.0-x\r\n`, 'complete'],
  ['1,023 lines', `${'a\n'.repeat(1_023)}SSH-2.0-x\r\n`, 'complete'],
  ['not quite 256 KiB', `${LINE.repeat(261)}SSH-2.0-x\r\n`, 'complete'],
  ['not quite 256 KiB, and packets behind it', `${LINE.repeat(261)}SSH-2.0-x\r\n${'\0'.repeat(9_000)}`, 'complete'],
  ['more than 256 KiB', `${LINE.repeat(262)}SSH-2.0-x\r\n`, 'invalid'],
  ['1,024 lines', `${'a\n'.repeat(1_024)}SSH-2.0-x\r\n`, 'invalid'],
  ['a line of more than 8 KiB', `${'y'.repeat(8 * 1024 + 1)}\nSSH-2.0-x\r\n`, 'invalid'],
  ['more than 256 KiB, in a line of more than 8 KiB', `${LINE.repeat(255)}${'y'.repeat(20_000)}`, 'invalid'],
  ['a line of more than 8 KiB that does not end', 'y'.repeat(20_000), 'invalid'],
  ['no software', 'SSH-2.0-\r\n', 'invalid'],
  ['no US-ASCII', 'SSH-2.0-\xe4\r\n', 'invalid'],
  ['a NUL', 'SSH-2.0-x\0y\r\n', 'invalid'],
  ['nonsense', 'SSH-x\r\n', 'invalid'],
  ['SSH 1', 'SSH-1.5-x\r\n', 'version'],
  ['SSH 2.1', 'SSH-2.1-x\r\n', 'version'],
  ['SSH 3', 'hello\nSSH-3.0-x\r\n', 'version'],
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'foreign'],
  ['SMTP', '220 mail.example ESMTP Postfix\r\n', 'foreign'],
  ['FTP', '220 ProFTPD FTP server\r\n', 'foreign'],
  ['what only begins like POP3', '+OKAY then\r\n', 'reading'],
  ['text without an end', 'hello\r\nSSH-2.0-OpenSSH_9', 'reading'],
  ['nothing', '', 'reading'],
];

for (const [name, stream, state] of STREAMS) {
  void test(`${name}: ${state}, however it is split`, () => {
    const bytes = Buffer.from(stream, 'latin1');
    const whole = parseIdentification([bytes]);
    assert.equal(whole.state, state);
    if (state === 'complete') assert.ok(stream.endsWith(whole.rest) && whole.rest.startsWith(whole.said));
    const random = seededRandom(stream.length);
    const splits = Array.from({ length: 40 }, () => random.split(bytes));
    splits.push(Array.from(bytes, (byte) => Buffer.from([byte])));
    for (const pieces of splits) assert.deepEqual(parseIdentification(pieces), whole, `${pieces.length} pieces`);
  });
}

void test('what a failure shows is all that came, and no more than the limits let in', () => {
  const parser = new IdentificationParser();
  parser.push(Buffer.from('one\r\ntw'));
  parser.push(Buffer.from('o'));
  assert.equal(parser.text.toString(), 'one\r\ntwo');
});

void test('a server that drips costs time in proportion to its bytes', () => {
  const parser = new IdentificationParser();
  const piece = Buffer.from('z');
  const line = Buffer.from('\n');
  const begin = performance.now();
  for (let byte = 0; byte < 200_000; byte += 1) {
    assert.equal(parser.push(byte % 8_000 === 7_999 ? line : piece).state, 'reading');
  }
  // Well below a second; with a second look at everything for each byte it would be minutes.
  assert.ok(performance.now() - begin < 20_000);
});
