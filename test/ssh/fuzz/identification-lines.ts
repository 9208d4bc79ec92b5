import type { SeededRandom } from '../support/seeded-random';

const LINES = [
  'SSH-2.0-OpenSSH_9.9p1 Debian-3',
  'SSH-2.0-dropbear_2022.83',
  'SSH-1.99-Cisco-1.25',
  'SSH-2.0-x',
  'SSH-1.5-OpenSSH_1.2.3',
  'SSH-2.1-x',
  'SSH-3.0-x',
  'SSH-2.0-',
  'SSH-',
  'SSH-2.0 -x',
  'ssh-2.0-x',
  ' SSH-2.0-x',
  'SSH-2.0-Grüße',
  'SSH-2.0-\u202ex',
] as const;

const TEXTS = [
  'Exceeded MaxStartups',
  'Not allowed at this time',
  'Too many connections',
  'HTTP/1.1 400 Bad Request',
  '220 mail.example ESMTP Postfix',
  '220 ProFTPD FTP server',
  '+OK POP3 ready',
  '* OK IMAP4rev1',
  '-ERR unknown command',
  'RFB 003.008',
  '@RSYNCD: 31.0',
  '<html>',
  'Welcome, 世界',
  'a line that says SSH-2.0-not',
  '\x1b[2Jcleared',
  '\u2028forged',
  '',
] as const;

const BINARY = [
  Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46]),
  Buffer.from([0xff, 0xfb, 1, 0xff, 0xfb, 3]),
  Buffer.from('J\0\0\0\n5.7.42\0', 'latin1'),
  Buffer.from([0, 0, 1, 0x2c, 6, 20]),
] as const;

const ENDS = ['\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n', '\n\r', '\0\r\n', ''] as const;

/** Lengths at which something changes: RFC 4253's 255, the limits of 8 KiB and 256 KiB, and their neighbours. */
const LENGTHS = [0, 1, 253, 254, 255, 256, 4_095, 4_096, 8_190, 8_191, 8_192, 8_193, 9_000] as const;
const COUNTS = [0, 1, 2, 50, 1_022, 1_023, 1_024, 1_025] as const;

function text(random: SeededRandom): Buffer {
  switch (random.below(24)) {
    case 0:
      return Buffer.from(`${'x'.repeat(random.pick(LENGTHS))}${random.pick(ENDS)}`);
    case 1:
      return Buffer.from(`${random.pick(['', 'a', 'ab'])}\n`.repeat(random.pick(COUNTS)));
    case 2:
      return random.pick(BINARY);
    case 3:
      return random.bytes(random.below(60));
    case 4:
      return random.below(8)
        ? Buffer.from('\n')
        : Buffer.alloc(random.pick([262_143, 262_144, 262_145]), `${'y'.repeat(999)}\n`);
    default:
      return Buffer.from(`${random.pick(TEXTS)}${random.pick(ENDS)}`);
  }
}

function line(random: SeededRandom): Buffer {
  const known = random.pick(LINES);
  const longer = random.below(12) ? '' : 'v'.repeat(Math.max(0, random.pick(LENGTHS) - known.length));
  return Buffer.from(`${known}${longer}${random.pick(ENDS)}`, random.below(2) ? 'latin1' : 'utf8');
}

/** Bytes out of place: what a faulty line or a hostile server makes of a greeting. */
export function mutate(random: SeededRandom, bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(4)), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(random.pick(['\r', '\n', '\0', '\x1b', 'S', '\x7f'])),
        bytes.subarray(at),
      ]);
    default: {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      return copy;
    }
  }
}

/** What a server says before the key exchange, by the grammar of RFC 4253 section 4.2 and against it. */
export function greeting(random: SeededRandom): Buffer {
  const parts: Buffer[] = [];
  for (let before = random.pick([0, 0, 0, 1, 1, 2, 5]); before > 0; before -= 1) parts.push(text(random));
  if (random.below(10)) parts.push(line(random));
  // What ssh2 gets to see: a packet, or the beginning of one.
  if (random.below(3) === 0) parts.push(random.bytes(random.below(40)));
  let bytes: Buffer = Buffer.concat(parts);
  for (let times = random.pick([0, 0, 1, 1, 2, 4]); times > 0; times -= 1) bytes = mutate(random, bytes);
  return bytes;
}
