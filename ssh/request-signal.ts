import type { ClientChannel } from 'ssh2';

interface Internals {
  readonly outgoing?: { readonly id?: number; readonly state?: string };
  readonly _client?: { readonly _protocol?: { signal?(channel: number, name: string): void } };
}

/**
 * Requests a signal for the command of a channel (RFC 4254 section 6.9). There is no answer to it, and no certainty.
 *
 * ssh2's own `signal` does nothing once our side has sent EOF, which every command has got by then; the RFC ends data with
 * EOF, not requests. So this goes one layer deeper, and falls back to ssh2's if that layer should ever change.
 *
 * @throws whatever ssh2 throws when the connection is gone.
 */
export function requestSignal(channel: ClientChannel, name: string): void {
  const { outgoing, _client: client } = channel as unknown as Internals;
  const protocol = client?._protocol;
  if (typeof protocol?.signal !== 'function' || typeof outgoing?.id !== 'number') return channel.signal(name);
  if (outgoing.state === 'open' || outgoing.state === 'eof') protocol.signal(outgoing.id, name);
}
