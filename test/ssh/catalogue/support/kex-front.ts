import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { startTcpScript } from '../../../support/tcp-script';
import type { TcpScript } from '../../../support/tcp-script';
import type { SshScript } from '../../../support/ssh-script';
import { MESSAGE } from '../../support/packets';
import type { CatalogueGround } from '../row';

/** A packet of the server in the clear, on its way to the client. */
export interface ClearPacket {
  readonly type: number;
  readonly bytes: Buffer;
  /** The connection to the client, on which the packet goes on only if it is written there. */
  readonly client: Socket;
}

/** Decides what becomes of the server's packets. */
export interface KexFrontHooks {
  /** One after the other; a promise holds back what follows. @default passes each on */
  readonly onPacket?: (packet: ClearPacket) => void | Promise<void>;
  /** What comes after NEWKEYS is encrypted. @default passes it on */
  readonly onEncrypted?: (chunk: Buffer, client: Socket) => void;
}

/**
 * A relay in front of a server that knows the packets of the key exchange, which are in the clear, one by one, and can
 * hold back, change or replace each. The client's side passes as it is.
 */
export async function startKexFront(
  { t }: Pick<CatalogueGround, 't'>,
  server: Pick<SshScript, 'address' | 'port'>,
  {
    onPacket = ({ bytes, client }) => void client.write(bytes),
    onEncrypted = (chunk, client) => void client.write(chunk),
  }: KexFrontHooks
): Promise<TcpScript> {
  return startTcpScript(
    (client) => {
      const upstream = connect({ host: server.address, port: server.port, noDelay: true });
      client.setNoDelay(true);
      let state: 'identification' | 'packets' | 'encrypted' = 'identification';
      let held = Buffer.alloc(0);
      let queue: Promise<void> = Promise.resolve();
      const later = (act: () => void | Promise<void>): void => {
        queue = queue.then(act).catch(() => void client.destroy());
      };
      const take = (length: number): Buffer => {
        const bytes = held.subarray(0, length);
        held = held.subarray(length);
        return bytes;
      };
      const next = (): boolean => {
        if (held.length === 0) return false;
        if (state === 'encrypted') {
          const chunk = take(held.length);
          later(() => onEncrypted(chunk, client));
          return false;
        }
        if (state === 'identification') {
          const end = held.indexOf('\n') + 1;
          if (end === 0) return false;
          const line = take(end);
          state = 'packets';
          later(() => void client.write(line));
          return true;
        }
        const length = held.length < 4 ? Infinity : 4 + held.readUInt32BE(0);
        if (held.length < length) return false;
        const bytes = take(length);
        const type = bytes[5] ?? 0;
        if (type === MESSAGE.newKeys) state = 'encrypted';
        later(() => onPacket({ type, bytes, client }));
        return true;
      };
      upstream.on('data', (chunk: Buffer) => {
        held = Buffer.concat([held, chunk]);
        while (next());
      });
      upstream.on('error', () => client.destroy());
      upstream.on('end', () => later(() => void client.end()));
      client.on('data', (chunk) => void upstream.write(chunk));
      client.on('end', () => client.end());
      client.on('close', () => upstream.destroy());
    },
    { t }
  );
}
