import type { Duplex } from 'node:stream';
import type { Loss } from './classify-loss';
import { REFUSAL_TEXT, recogniseRefusal } from './refusal-text';
import { cleanServerText } from './server-text';

const MAX_BYTES = 1_024;
const LF = 0x0a;

/** What a server says in plain words after its identification, where packets have to follow. */
export interface TextAfterIdentification {
  /** The failure that such words are; undefined as long as there are none. */
  loss(): Loss | undefined;
  /** Looks no further. */
  stop(): void;
}

/**
 * Listens for text in the place of the first packet, which ssh2 takes for the length of one. It is what sshd says to an
 * identification that it does not understand ("Invalid SSH identification string."), as when something on the way puts
 * a line before ours, and what some appliances say when they refuse.
 *
 * To be called before anybody else listens: whoever sees the bytes first fails first.
 */
export function watchTextAfterIdentification(stream: Duplex): TextAfterIdentification {
  let head: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    if (head.length < MAX_BYTES) head = Buffer.concat([head, chunk.subarray(0, MAX_BYTES)]);
  };
  stream.on('data', onData);
  return {
    loss: () => {
      const text = head.subarray(head.indexOf(LF) + 1).toString('latin1');
      // A packet begins with its length, whose first byte is 0 in any packet that is not absurd.
      if (!/^[\t\n\r\x20-\x7e]{4,}$/.test(text)) return undefined;
      const refusal = recogniseRefusal(text);
      const what = refusal ? REFUSAL_TEXT[refusal] : 'sent text in the place of the key exchange';
      return { type: refusal ?? 'SshProtocolError', parts: { what, serverText: cleanServerText(text) } };
    },
    stop: () => stream.off('data', onData),
  };
}
