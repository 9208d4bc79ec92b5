import type { ClientChannel } from 'ssh2';
import type { SshConnection } from './ssh-connection';

/** What ssh2 keeps to itself, and what is needed of it here. */
interface Internals {
  readonly _protocol: {
    signal(channel: number, name: string): void;
    exec(channel: number, ...rest: unknown[]): unknown;
  };
  readonly _chanMgr: { get(local: number): { close?(): void } | undefined };
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

/** Channels, by the server's numbers, on which no exec request may go out any more; one set a connection. */
const withheld = new WeakMap<object, Set<number>>();

/**
 * Gives up a channel that was opened, but on which no exec request has gone out yet.
 *
 * ssh2 sends that request by itself, right after the confirmation of the channel or the answer to its pty request, also
 * for a step that has long been told that nothing was sent. So it is held back here, and the channel closed once ssh2 is
 * done with the packet that it is working on. Other channels of the connection are not touched.
 */
export function abandonChannel({ client }: SshConnection, local: number, remote: number): void {
  const { _protocol: protocol, _chanMgr: channels } = client as unknown as Internals;
  const held = withheld.get(protocol) ?? holdBack(protocol);
  held.add(remote);
  queueMicrotask(() => {
    // A closed channel sends nothing more; only then may its number be used again.
    quietly(() => channels.get(local)?.close?.());
    held.delete(remote);
  });
}

function holdBack(protocol: Internals['_protocol']): Set<number> {
  const held = new Set<number>();
  const send = protocol.exec.bind(protocol);
  protocol.exec = (channel, ...rest) => (held.has(channel) ? undefined : send(channel, ...rest));
  withheld.set(protocol, held);
  return held;
}

/** Reads nothing of a channel, and lets it close. */
export function discard(channel: ClientChannel): ClientChannel {
  channel.on('error', () => undefined);
  channel.resume();
  channel.stderr.resume();
  return channel;
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // ssh2 throws when its protocol object was cleaned up a moment ago: there is nobody to tell any more.
  }
}
