import type { ClientChannel } from 'ssh2';
import type { SshConnection } from './ssh-connection';

/** What ssh2 keeps to itself, and what is needed of it here. */
interface Internals {
  readonly _protocol: { signal(channel: number, name: string): void };
}

/**
 * Asks the server to send TERM to the command (RFC 4254 section 6.9). Servers may ignore it.
 *
 * ssh2's own `channel.signal()` does nothing once the end of stdin was sent, which is right at the beginning; the RFC has
 * no such rule.
 */
export function requestTerm({ client, lost }: SshConnection, channel: ClientChannel): void {
  const { outgoing } = channel as unknown as { readonly outgoing: { readonly id: number; readonly state: string } };
  if (lost || outgoing.state === 'closing' || outgoing.state === 'closed') return;
  quietly(() => (client as unknown as Internals)._protocol.signal(outgoing.id, 'TERM'));
}

/** Closes a channel, whatever became of it and of its connection. */
export function closeChannel({ lost }: SshConnection, channel: ClientChannel): void {
  if (!lost) quietly(() => channel.close());
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // ssh2 throws when its protocol object was cleaned up a moment ago: there is nobody to tell any more.
  }
}
