import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { startTcpScript } from '../../support/tcp-script';
import type { TcpScript } from '../../support/tcp-script';

/** Sends the server's first bytes, identification and KEXINIT among them, and calls back when that is done. */
export type FirstBytes = (bytes: Buffer, write: (piece: Buffer) => void, done: () => void) => void;

/** A relay in front of a server that decides how the server's first bytes reach the client. */
export async function startRewritingFront(
  t: Pick<TestContext, 'after'>,
  server: { readonly address: string; readonly port: number },
  first: FirstBytes
): Promise<TcpScript> {
  return startTcpScript(
    (client) => {
      const upstream = connect({ host: server.address, port: server.port, noDelay: true });
      client.setNoDelay(true);
      let held = Buffer.alloc(0);
      let state: 'holding' | 'sending' | 'open' = 'holding';
      const open = (sent: number): void => {
        state = 'open';
        if (held.length > sent) client.write(held.subarray(sent));
      };
      upstream.on('data', (chunk: Buffer) => {
        if (state === 'open') return void client.write(chunk);
        held = Buffer.concat([held, chunk]);
        const line = held.indexOf('SSH-');
        // The KEXINIT of a server is larger than that, so that it is there with the identification.
        if (state !== 'holding' || line === -1 || held.length < line + 400) return;
        state = 'sending';
        const bytes = held;
        first(
          bytes,
          (piece) => void client.write(piece),
          () => open(bytes.length)
        );
      });
      upstream.on('error', () => client.destroy());
      upstream.on('end', () => client.end());
      client.on('data', (chunk) => void upstream.write(chunk));
      client.on('end', () => client.end());
      client.on('close', () => upstream.destroy());
    },
    { t }
  );
}
