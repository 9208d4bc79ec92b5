import type { Wire } from '../../support/wire-server';
import { string, uint32 } from '../../support/packets';

const NONE = Buffer.alloc(0);
const YES = Buffer.from([1]);
const NO = Buffer.from([0]);

/** ssh2's own answer to a service request, which a case may replace. */
interface Service {
  readonly _protocol: { serviceAccept(name: string): void };
}

/** Decides what a service request (RFC 4253 section 10) is answered with. */
export function answerService(wire: Wire, answer: (accept: () => void) => void): void {
  const { _protocol: protocol } = wire.connection as unknown as Service;
  const accept = protocol.serviceAccept.bind(protocol);
  protocol.serviceAccept = (name) => answer(() => accept(name));
}

export const serviceAccept = (name: string): Buffer => Buffer.concat([Buffer.from([6]), string(name)]);
/** RFC 4253 section 11.3 */
export const debugMessage = (text: string): Buffer =>
  Buffer.concat([Buffer.from([4]), YES, string(text), string('en')]);
export const userauthFailure = (methods: string, partial = false): Buffer =>
  Buffer.concat([Buffer.from([51]), string(methods), partial ? YES : NO]);
export const userauthSuccess = (): Buffer => Buffer.from([52]);
export const userauthBanner = (text: string): Buffer => Buffer.concat([Buffer.from([53]), string(text), string('')]);
export const publicKeyOk = (algorithm: string, key: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([60]), string(algorithm), string(key)]);
export const globalRequest = (name: string, wantReply: boolean, data: Uint8Array = NONE): Buffer =>
  Buffer.concat([Buffer.from([80]), string(name), wantReply ? YES : NO, data]);
export const requestSuccess = (): Buffer => Buffer.from([81]);
export const requestFailure = (): Buffer => Buffer.from([82]);
/** With what `forwarded-tcpip` (RFC 4254 section 7.2) has after its windows; other types have less. */
export const channelOpen = (type: string): Buffer =>
  Buffer.concat([
    ...[Buffer.from([90]), string(type), uint32(77), uint32(65_536), uint32(32_768)],
    ...[string('127.0.0.1'), uint32(22), string('127.0.0.1'), uint32(60_000)],
  ]);
/** For the client's first channel; the server's number of it is 0 too. */
export const openConfirmation = (window: number, maxPacket: number): Buffer =>
  Buffer.concat([Buffer.from([91]), uint32(0), uint32(0), uint32(window), uint32(maxPacket)]);
export const windowAdjust = (bytes: number): Buffer => Buffer.concat([Buffer.from([93]), uint32(0), uint32(bytes)]);
export const dataFor = (channel: number, text: string): Buffer =>
  Buffer.concat([Buffer.from([94]), uint32(channel), string(text)]);
export const extendedData = (kind: number, text: string): Buffer =>
  Buffer.concat([Buffer.from([95]), uint32(0), uint32(kind), string(text)]);
export const channelRequest = (name: string, wantReply = false, data: Uint8Array = NONE): Buffer =>
  Buffer.concat([Buffer.from([98]), uint32(0), string(name), wantReply ? YES : NO, data]);

/** Sends something with its last byte changed, which every MAC finds. */
export function damaged({ socket }: Wire, send: () => unknown): void {
  const { write } = socket;
  socket.write = (data: Uint8Array, ...rest: []): boolean => {
    const bytes = Buffer.from(data);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    return write.call(socket, bytes, ...rest);
  };
  send();
  socket.write = write;
}

/** From now on nothing of what the server sends leaves it; the connection stays open. */
export function fallSilent({ socket }: Wire): void {
  socket.write = () => true;
}

/** Sends everything of one turn in one segment, as far as TCP does. */
export function together({ socket }: Wire, send: () => unknown): void {
  socket.cork();
  send();
  process.nextTick(() => socket.uncork());
}
