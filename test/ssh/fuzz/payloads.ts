import { string, uint32 } from '../support/packets';
import type { SeededRandom } from '../support/seeded-random';

/** The payload of one packet: what is encrypted and framed. */
export type Payload = Buffer;

const byte = (value: number): Buffer => Buffer.from([value]);

const make = (type: number, ...parts: Buffer[]): Payload => Buffer.concat([byte(type), ...parts]);

const TEXTS = [
  'plain',
  '',
  'two\r\nlines: 2026-01-01 ERROR forged',
  '\x1b[2J\x1b]0;title\x07cleared',
  '\u2028\u2029\u202e\u2066\ufeff\0\x9b',
  '%s %d ${x} `y`',
  '\n'.repeat(3_000),
  'x'.repeat(30_000),
  '\u{1f600}'.repeat(7_000),
] as const;

const NUMBERS = [0, 1, 2, 3, 4, 5, 63, 255, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff] as const;

type Name =
  | 'disconnect'
  | 'ignore'
  | 'unimplemented'
  | 'debug'
  | 'serviceAccept'
  | 'extInfo'
  | 'kexInit'
  | 'newKeys'
  | 'authSuccess'
  | 'authBanner'
  | 'passwordChange'
  | 'infoRequest'
  | 'globalRequest'
  | 'requestSuccess'
  | 'requestFailure'
  | 'open'
  | 'confirm'
  | 'openFailure'
  | 'window'
  | 'data'
  | 'stderr'
  | 'eof'
  | 'close'
  | 'exitStatus'
  | 'exitSignal'
  | 'channelRequest'
  | 'success'
  | 'failure'
  | 'unknown';

/** Makes each of a server's messages. */
export interface Messages extends Readonly<Record<Name, () => Payload>> {
  authFailure(methods?: string): Payload;
  pkOk(algorithm: string, key: Buffer): Payload;
}

/** The server's messages of RFC 4252 to 4254, each with values that are in order, or at the edge of it. */
export function messages(random: SeededRandom, channel: number): Messages {
  const said = (): string => (random.below(3) ? 'plain' : random.pick(TEXTS));
  const id = uint32(channel);
  return {
    disconnect: () => make(1, uint32(random.pick([2, 3, 8, 10, 11, 12, 14, 99])), string(said()), string('')),
    ignore: () => make(2, string(said())),
    unimplemented: () => make(3, uint32(random.pick(NUMBERS))),
    debug: () => make(4, byte(1), string(said()), string('')),
    serviceAccept: () => make(6, string('ssh-userauth')),
    extInfo: () => make(7, uint32(1), string('server-sig-algs'), string('ssh-ed25519,rsa-sha2-512')),
    kexInit: () => make(20, random.bytes(16), ...Array.from({ length: 10 }, () => string('none')), byte(0), uint32(0)),
    newKeys: () => make(21),
    authFailure: (methods = 'publickey,password') =>
      make(51, string(random.below(3) ? methods : said()), byte(random.below(2))),
    authSuccess: () => make(52),
    authBanner: () => make(53, string(said()), string('')),
    pkOk: (algorithm: string, key: Buffer) => make(60, string(algorithm), string(key)),
    passwordChange: () => make(60, string(said()), string('')),
    infoRequest: () => make(60, string(said()), string(said()), string(''), uint32(1), string(said()), byte(0)),
    globalRequest: () =>
      make(80, string(random.pick(['keepalive@openssh.com', 'hostkeys-00@openssh.com', 'x'])), byte(random.below(2))),
    requestSuccess: () => make(81),
    requestFailure: () => make(82),
    open: () =>
      make(
        90,
        string(random.pick(['forwarded-tcpip', 'x11', 'session', 'auth-agent@openssh.com'])),
        id,
        uint32(9),
        uint32(9)
      ),
    confirm: () => make(91, id, id, uint32(2 ** 21), uint32(2 ** 15)),
    openFailure: () => make(92, id, uint32(random.pick(NUMBERS)), string(said()), string('')),
    window: () => make(93, id, uint32(random.pick(NUMBERS))),
    data: () => make(94, id, string(said())),
    stderr: () => make(95, id, uint32(random.below(4) ? 1 : random.pick(NUMBERS)), string(said())),
    eof: () => make(96, id),
    close: () => make(97, id),
    exitStatus: () => make(98, id, string('exit-status'), byte(0), uint32(random.below(2) ? 0 : random.pick(NUMBERS))),
    exitSignal: () =>
      make(
        98,
        id,
        string('exit-signal'),
        byte(0),
        string(random.below(2) ? 'TERM' : said()),
        byte(0),
        string(said()),
        string('')
      ),
    channelRequest: () => make(98, id, string('keepalive@openssh.com'), byte(1)),
    success: () => make(99, id),
    failure: () => make(100, id),
    unknown: () => make(random.below(256), random.bytes(random.below(30))),
  };
}

/** Any message at all. */
export function anyMessage(random: SeededRandom, channel: number): Payload {
  const { pkOk, ...rest } = messages(random, channel);
  const [first, ...others] = Object.values(rest);
  const chosen = random.pick([first ?? (() => pkOk('', byte(0))), ...others]);
  return chosen();
}

/** A payload that is not what it was: cut, flipped, with lengths and numbers that lie. */
export function mutatePayload(random: SeededRandom, payload: Payload): Payload {
  const at = random.below(payload.length + 1);
  const copy = Buffer.from(payload);
  switch (random.below(8)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      return Buffer.concat([copy, random.bytes(random.below(20))]);
    case 2:
      return Buffer.alloc(0);
    case 3:
      if (copy.length > 0) copy[0] = random.below(256);
      return copy;
    case 4:
    case 5: {
      // The places of most numbers and lengths.
      const place = random.pick([1, 5, 9, 13, at]);
      if (place + 4 <= copy.length) copy.writeUInt32BE(random.pick(NUMBERS), place);
      return copy;
    }
    default:
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      return copy;
  }
}

/** A sequence that is not what it was: packets lost, twice, in another order, foreign or mutated. */
export function mutateSequence(random: SeededRandom, payloads: readonly Payload[], channel: number): Payload[] {
  const all = [...payloads];
  for (let times = random.pick([0, 1, 1, 1, 2, 3, 5]); times > 0; times -= 1) {
    const at = random.below(all.length + 1);
    const chosen = all[at];
    switch (random.below(7)) {
      case 0:
        all.splice(at, 1);
        break;
      case 1:
        if (chosen) all.splice(at, 0, chosen);
        break;
      case 2:
        if (chosen) all.splice(random.below(all.length), 0, ...all.splice(at, 1));
        break;
      case 3:
        all.splice(at, 0, anyMessage(random, channel));
        break;
      default:
        if (chosen) all[at] = mutatePayload(random, chosen);
    }
  }
  return all;
}
