import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';

/** What ssh2 keeps to itself, and what is needed of it here. */
interface Channel {
  readonly incoming: { readonly window: number; readonly state: string };
  readonly stderr?: NodeJS.EventEmitter;
  on(event: 'error', listener: () => void): unknown;
}

interface Internals {
  readonly _chanMgr: { update(id: number, channel: Channel): void; get(id: number): unknown };
  readonly _protocol: {
    readonly _packetRW: { read: { read(payload: Buffer): Buffer; cleanup(): void } };
    readonly _authsQueue: readonly string[];
    readonly _authenticated: boolean;
    readonly _handlers: { DISCONNECT(protocol: unknown, reason: number, text: string): void };
  };
}

// RFC 4250 section 4.1.2
const MESSAGE = {
  disconnect: 1,
  ignore: 2,
  serviceAccept: 6,
  userauthRequest: 50,
  userauthFailure: 51,
  userauthSuccess: 52,
  firstOfMethod: 60,
  infoResponse: 61,
  lastOfMethod: 79,
  globalRequest: 80,
  channelOpen: 90,
  openConfirmation: 91,
  data: 94,
  extendedData: 95,
  channelRequest: 98,
} as const;

const BY_APPLICATION = 11;

// RFC 4253 section 6.1: everybody has to take packets of that size; ssh2 itself would send any that the server allows.
const PACKET_BYTES = 32 * 1024;

// The smallest that is taken seriously: what goes to the server is cut into packets of that size, at once.
const MIN_PACKET_BYTES = 64;

// Some 1 MiB of answers. A server that reads them can ask for as many as it likes.
const MAX_UNREAD_ANSWERS = 10_000;

const USERAUTH = Buffer.from('ssh-userauth');
const HOST_KEYS = Buffer.from('hostkeys-00@openssh.com');
const NEVER_READ = { read: (): never => broken('sent a packet after its end'), cleanup: () => undefined };

/**
 * Sees each packet of the server before ssh2 does, during the key exchange and after it, and ends the connection for
 * those with which a server could stop the process, fill its memory or confuse what was said when.
 *
 * ssh2 reads packets in a listener of its own that turns whatever is thrown there into an `error` event; so what is thrown
 * here is an `SshProtocolError` like any other. To be called right after `client.connect`, before anything was read.
 */
export function guardPackets(client: Client, stream: Duplex): void {
  const { _protocol: protocol, _chanMgr: channels } = client as unknown as Internals;
  const { _packetRW: packets, _handlers: handlers } = protocol;
  let accepted = false;
  let unread = 0;
  let reader = { read: inspect, cleanup: () => undefined };

  // Without compression, which is not offered, ssh2's own readers change nothing.
  Object.defineProperty(packets, 'read', { get: () => reader, set: () => undefined });

  // A stream that has an error and no listener for it ends the process. There are some before anybody uses the channel.
  const update = channels.update.bind(channels);
  channels.update = (id, channel) => {
    for (const emitter of [channel, channel.stderr]) emitter?.on('error', () => undefined);
    update(id, channel);
  };

  // ssh2 takes this reason for no error, and waits for the server to close. It is the end; nothing more is waited for.
  const disconnect = handlers.DISCONNECT.bind(handlers);
  handlers.DISCONNECT = (self, reason, text) => {
    disconnect(self, reason, text);
    if (reason !== BY_APPLICATION) return;
    client.emit('error', Object.assign(new Error(text || 'BY_APPLICATION'), { code: reason }));
  };

  function inspect(payload: Buffer): Buffer {
    const type = payload[0] ?? 0;
    switch (type) {
      case MESSAGE.disconnect:
        // Whatever comes behind it, in the same segment, must change nothing any more.
        reader = NEVER_READ;
        return payload;
      case MESSAGE.serviceAccept:
        // Each makes ssh2 try the next credential, but for one of another service (RFC 4253 section 10): then it waits for ever.
        if (accepted) broken('accepted a service twice');
        if (!payload.subarray(5).equals(USERAUTH)) broken('accepted a service that was not asked for');
        accepted = true;
        return payload;
      case MESSAGE.userauthRequest:
      case MESSAGE.infoResponse:
        // ssh2 keeps a list of them.
        return broken(`sent message ${type}, which only clients send`);
      case MESSAGE.userauthFailure:
      case MESSAGE.userauthSuccess:
        checkAnswered(type);
        return payload;
    }
    if (type >= MESSAGE.firstOfMethod && type <= MESSAGE.lastOfMethod) {
      checkAnswered(type);
      if (protocol._authsQueue[0] === 'keyboard-interactive') checkPrompts(payload);
    }
    // RFC 4252 section 6
    if (type >= MESSAGE.globalRequest && !protocol._authenticated) broken(`sent message ${type} before the login`);
    switch (type) {
      case MESSAGE.globalRequest:
        countAnswer();
        return withoutHostKeys(payload);
      case MESSAGE.channelOpen:
      case MESSAGE.channelRequest:
        countAnswer();
        return payload;
      case MESSAGE.openConfirmation:
        limitPackets(payload);
        return payload;
      case MESSAGE.data:
        checkWindow(payload, 5);
        return payload;
      case MESSAGE.extendedData:
        checkWindow(payload, 9);
    }
    return payload;
  }

  /** ssh2 has a credential offered, or fails on what is missing, whenever the server says so. */
  function checkAnswered(type: number): void {
    if (protocol._authenticated) broken(`sent message ${type} after the login`);
    if (protocol._authsQueue.length === 0) broken(`sent message ${type}, the answer to a login that was not asked for`);
    countAnswer();
  }

  /** Most of these are answered, some of them asked to be; a server that never reads would fill our memory with answers. */
  function countAnswer(): void {
    unread = stream.writableLength === 0 ? 1 : unread + 1;
    if (unread > MAX_UNREAD_ANSWERS) broken(`asked ${MAX_UNREAD_ANSWERS} times and read no answer`);
  }

  /** RFC 4254 section 5.2 and 5.3. ssh2 keeps data beyond the window in memory, or drops it without a word. */
  function checkWindow(payload: Buffer, lengthAt: number): void {
    if (payload.length < lengthAt + 4) return;
    const channel = channels.get(payload.readUInt32BE(1)) as Partial<Channel> | undefined;
    if (!channel?.incoming) return;
    if (channel.incoming.state === 'eof') broken('sent data after the end of the data');
    if (payload.readUInt32BE(lengthAt) > channel.incoming.window) broken('sent more data than the window allows');
  }
}

/** ssh2 never gets to the end of data that it sends in packets of no bytes. */
function limitPackets(payload: Buffer): void {
  if (payload.length < 17) return;
  const bytes = payload.readUInt32BE(13);
  if (bytes < MIN_PACKET_BYTES) broken(`opened a channel for packets of ${bytes} bytes at most`);
  payload.writeUInt32BE(Math.min(bytes, PACKET_BYTES), 13);
}

/** ssh2 makes a list as long as the number says, before it looks whether so many prompts are there. */
function checkPrompts(payload: Buffer): void {
  let at = 1;
  for (let text = 0; text < 3 && at + 4 <= payload.length; text += 1) at += 4 + payload.readUInt32BE(at);
  if (at + 4 > payload.length) return;
  // Each prompt has a length and a boolean.
  if (payload.readUInt32BE(at) * 5 > payload.length - at - 4) broken('announced more prompts than it sent');
}

/**
 * ssh2 tries the keys of this announcement as every format that it knows, which can take seconds a packet, and asks for
 * proofs that nobody here needs, of which it keeps a list. What is left of it is a request that is not known.
 */
function withoutHostKeys(payload: Buffer): Buffer {
  const end = 5 + HOST_KEYS.length;
  if (payload.length <= end || !payload.subarray(5, end).equals(HOST_KEYS)) return payload;
  return payload[end] === 0 ? Buffer.from([MESSAGE.ignore]) : Buffer.from([MESSAGE.globalRequest, 0, 0, 0, 0, 1]);
}

function broken(what: string): never {
  throw new Error(what);
}
