import type { Socket } from 'node:net';

/**
 * Lets the identification line and the first packet, KEXINIT, out of a socket (both are plain text, RFC 4253 sections
 * 4.2 and 6), and nothing more: the peer has all to go on with the key exchange, and gets no answer to it.
 */
export function stopAfterKexInit(socket: Socket): void {
  const write = socket.write.bind(socket);
  let seen = Buffer.alloc(0);
  let passed = 0;
  const end = (): number => {
    const line = seen.indexOf('\n') + 1;
    if (line === 0) return Infinity;
    return seen.length < line + 4 ? Infinity : line + 4 + seen.readUInt32BE(line);
  };
  socket.write = (data: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    seen = Buffer.concat([seen, typeof data === 'string' ? Buffer.from(data) : data]);
    const until = Math.min(seen.length, end());
    if (until > passed) write(seen.subarray(passed, until));
    passed = Math.max(passed, until);
    const callback = rest.at(-1);
    if (typeof callback === 'function') process.nextTick(callback);
    return true;
  };
}
