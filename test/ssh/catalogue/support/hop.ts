import { connect } from 'node:net';
import { startSshScript } from '../../../support/ssh-script';
import type { SshScript, SshScriptOptions } from '../../../support/ssh-script';
import type { Owned } from '../../../support/test-owner';

/** What {@link startHop} takes. */
export interface HopOptions extends SshScriptOptions {
  /** @default true */
  readonly forwards?: boolean;
}

/** Starts a scripted server that forwards connections, as `sshd` does for `ProxyJump`. */
export async function startHop({ t, forwards = true, ...options }: Required<Owned> & HopOptions): Promise<SshScript> {
  if (!forwards) return startSshScript({ t, ...options });
  return startSshScript({
    t,
    onTcpip: (accept, reject, { destIP, destPort }) => {
      const socket = connect({ host: destIP, port: destPort });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        const channel = accept();
        socket.on('error', () => channel.destroy());
        channel.on('error', () => socket.destroy());
        socket.pipe(channel).pipe(socket);
        channel.once('close', () => socket.destroy());
      });
      t.after(() => socket.destroy());
    },
    ...options,
  });
}
