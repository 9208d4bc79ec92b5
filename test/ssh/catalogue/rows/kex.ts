import { startKexFront } from '../support/kex-front';
import type { ClearPacket, KexFrontHooks } from '../support/kex-front';
import { MESSAGE, ignore, message, string } from '../../support/packets';
import { repeat } from '../../support/raw-server';
import type { CatalogueGround, CatalogueRow, Expectation } from '../row';
import { identifiedRow } from '../support/raw-row';
import type { OwnDeadlines } from '../support/relaxed';
import { sshRow } from '../support/ssh-row';
import { reset } from '../../../support/reset';

const timeout = {
  ends: 'failure',
  type: 'SshKexTimeout',
  stage: 'kex',
  deadline: 'kex',
} as const satisfies Expectation;
const lost = { ends: 'failure', type: 'SshConnectionLost', stage: 'kex' } as const satisfies Expectation;
const broken = { ends: 'failure', type: 'SshProtocolError', stage: 'kex' } as const satisfies Expectation;
/** A row with a real key exchange, whose packets from the server pass through a front. */
function fronted(
  name: string,
  what: string,
  expect: Expectation,
  hooks: (ground: CatalogueGround) => KexFrontHooks,
  deadlines?: OwnDeadlines
): CatalogueRow {
  return sshRow({
    name,
    what,
    expect,
    ...(deadlines && { deadlines }),
    front: async (script, ground) => startKexFront(ground, script, hooks(ground)),
  });
}

/** Treats one type of packet, and passes on all others. */
function at(type: number, act: (packet: ClearPacket, ground: CatalogueGround) => void | Promise<void>) {
  return (ground: CatalogueGround): KexFrontHooks => ({
    onPacket: (packet) => (packet.type === type ? act(packet, ground) : void packet.client.write(packet.bytes)),
  });
}

function flipLast(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 0xff;
  return copy;
}

/** The key exchange (RFC 4253 sections 7 and 8): late, cut, or broken. */
export const KEX_ROWS: readonly CatalogueRow[] = [
  identifiedRow('kex-silent', 'nothing after the identification', timeout, () => undefined),
  identifiedRow(
    'kex-noise-no-kexinit',
    'SSH_MSG_IGNORE again and again: packets, and no key exchange',
    timeout,
    (socket, ground) => repeat(socket, ground.deadlines.kex / 9, ignore)
  ),
  fronted(
    'kex-drip',
    'KEXINIT a few bytes at a time',
    timeout,
    at(MESSAGE.kexInit, ({ bytes, client }, { deadlines }) => {
      let sent = 0;
      client.once(
        'close',
        repeat(client, deadlines.kex / 10, () => bytes.subarray(sent, (sent += 4)))
      );
    })
  ),
  sshRow({
    name: 'kex-half-reply',
    what: 'KEXINIT, then no reply to ours',
    expect: timeout,
    script: () => ({ fault: { stage: 'kex', how: 'silence' } }),
  }),
  identifiedRow('kex-close-after-banner', 'FIN after the identification', lost, (socket) => void socket.end()),
  identifiedRow('kex-rst-after-banner', 'RST after the identification', lost, (socket) => {
    socket.once('data', () => reset(socket));
  }),
  sshRow({
    name: 'kex-rst-midway',
    what: 'RST instead of the reply of the key exchange',
    expect: lost,
    script: () => ({ fault: { stage: 'kex', how: 'rst' } }),
  }),
  sshRow({
    name: 'kex-fin-midway',
    what: 'FIN instead of the reply of the key exchange',
    expect: lost,
    script: () => ({ fault: { stage: 'kex', how: 'fin' } }),
  }),
  fronted(
    'kex-cut-in-packet',
    'FIN in the middle of KEXINIT',
    lost,
    at(MESSAGE.kexInit, ({ bytes, client }) => void client.end(bytes.subarray(0, 100)))
  ),
  identifiedRow('kex-garbage', 'a packet length of 0xffffffff: told at once, not at the deadline', broken, (socket) => {
    socket.write(Buffer.alloc(16, 0xff));
  }),
  identifiedRow('kex-length-zero', 'packets of length 0', broken, (socket) => void socket.write(Buffer.alloc(64))),
  identifiedRow(
    'kex-text',
    'text instead of packets: sshd did not understand what came before our identification, such as a PROXY line',
    { ...broken, serverText: /^Invalid SSH identification string\.$/ },
    (socket) => void socket.end('Invalid SSH identification string.\r\n')
  ),
  identifiedRow(
    'kex-text-busy',
    'an appliance identifies itself and then says that it has too many sessions',
    { ends: 'failure', type: 'SshServerBusy', stage: 'kex', serverText: /^Too many sessions$/ },
    (socket) => void socket.end('Too many sessions\r\n')
  ),
  identifiedRow(
    'kex-text-coalesced',
    'the same text in one segment with the identification',
    { ...broken, serverText: /^Protocol mismatch\.$/ },
    (socket) => void socket.end('Protocol mismatch.\r\n')
  ),
  identifiedRow('kex-kexinit-cut', 'KEXINIT without its lists', broken, (socket) => {
    socket.write(message(MESSAGE.kexInit, Buffer.alloc(16)));
  }),
  fronted(
    'kex-kexinit-twice',
    'KEXINIT twice',
    broken,
    at(MESSAGE.kexInit, ({ bytes, client }) => void client.write(Buffer.concat([bytes, bytes])))
  ),
  fronted(
    'kex-newkeys-early',
    'NEWKEYS instead of the reply of the key exchange: nothing is secret yet',
    broken,
    at(MESSAGE.kexReply, ({ client }) => void client.write(message(MESSAGE.newKeys)))
  ),
  fronted(
    'kex-userauth-success-in-clear',
    'SSH_MSG_USERAUTH_SUCCESS in the clear is never a login',
    broken,
    at(MESSAGE.kexReply, ({ client }) => void client.write(message(MESSAGE.userAuthSuccess)))
  ),
  fronted(
    'kex-strict-violation',
    'SSH_MSG_IGNORE before KEXINIT, though strict key exchange was agreed on (Terrapin)',
    broken,
    at(MESSAGE.kexInit, ({ bytes, client }) => void client.write(Buffer.concat([ignore(), bytes])))
  ),
  fronted(
    'kex-strict-ignore-midway',
    'SSH_MSG_IGNORE in the middle of a strict key exchange',
    broken,
    at(MESSAGE.kexReply, ({ bytes, client }) => void client.write(Buffer.concat([ignore(), bytes])))
  ),
  fronted('kex-bad-mac', 'the first encrypted packet is corrupt', { ...broken, stage: ['auth', 'kex'] }, () => ({
    onEncrypted: (chunk, client) => void client.write(flipLast(chunk)),
  })),
  fronted(
    'kex-empty-reply',
    'a reply of the key exchange with nothing in it',
    broken,
    at(MESSAGE.kexReply, ({ client }) => void client.write(message(MESSAGE.kexReply)))
  ),
  fronted(
    'kex-empty-host-key',
    'a reply with an empty host key, an empty value and an empty signature',
    broken,
    at(MESSAGE.kexReply, ({ client }) => {
      client.write(message(MESSAGE.kexReply, string(''), string(''), string('')));
    })
  ),
  fronted(
    'kex-slow-within',
    'the reply comes late, inside the deadline',
    { ends: 'success' },
    at(MESSAGE.kexReply, async ({ bytes, client }, { deadlines }) => {
      await new Promise((resolve) => setTimeout(resolve, deadlines.kex));
      client.write(bytes);
    }),
    ({ kex }) => ({ kex: kex * 4 })
  ),
  fronted('kex-split', 'each packet of the key exchange in pieces of 16 bytes', { ends: 'success' }, () => ({
    onPacket: async ({ bytes, client }) => {
      for (let begin = 0; begin < bytes.length; begin += 16) {
        await new Promise((resolve) => client.write(bytes.subarray(begin, begin + 16), resolve));
      }
    },
  })),
];
