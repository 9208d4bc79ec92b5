/** The message numbers of RFC 4250 section 4.1.2, RFC 4253 and RFC 5656 that the tests send. */
export const MESSAGE = {
  disconnect: 1,
  ignore: 2,
  unimplemented: 3,
  debug: 4,
  serviceAccept: 6,
  extInfo: 7,
  kexInit: 20,
  newKeys: 21,
  kexReply: 31,
  userAuthSuccess: 52,
} as const;

/** A packet in the clear (RFC 4253 section 6). */
export function packet(payload: Uint8Array): Buffer {
  const padding = 8 - ((5 + payload.length) % 8) + (8 - ((5 + payload.length) % 8) < 4 ? 8 : 0);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding);
  head[4] = padding;
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

/** `uint32` of RFC 4251 section 5. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** `string` of RFC 4251 section 5. */
export function string(text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** A message in a packet of its own. */
export function message(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return packet(Buffer.concat([Buffer.from([type]), ...parts]));
}

/** SSH_MSG_DISCONNECT (RFC 4253 section 11.1). */
export function disconnect(reason: number, text: string): Buffer {
  return message(MESSAGE.disconnect, Buffer.from([0, 0, 0, reason]), string(text), string(''));
}

/** SSH_MSG_IGNORE. */
export function ignore(): Buffer {
  return message(MESSAGE.ignore, string('noise'));
}

/** The lists of a KEXINIT (RFC 4253 section 7.1); what is not given is something that every client knows. */
export interface KexLists {
  readonly kex?: string;
  readonly hostKey?: string;
  readonly cipher?: string;
  readonly mac?: string;
  readonly compression?: string;
}

/** SSH_MSG_KEXINIT with the same lists in both directions. */
export function kexInit({
  kex = 'curve25519-sha256',
  hostKey = 'ssh-ed25519',
  cipher = 'aes128-ctr',
  mac = 'hmac-sha2-256',
  compression = 'none',
}: KexLists = {}): Buffer {
  const lists = [kex, hostKey, cipher, cipher, mac, mac, compression, compression, '', ''];
  return message(MESSAGE.kexInit, Buffer.alloc(16), ...lists.map(string), Buffer.alloc(5));
}
