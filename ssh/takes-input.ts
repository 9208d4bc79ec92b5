import type { Duplex } from 'node:stream';

/**
 * Whether anything can be sent on a channel at all. RFC 4254 section 5.1 lets the peer set the largest packet that it
 * takes, and forgets to ask for more than 0 bytes; ssh2 cuts what it sends into pieces of that size, for ever, and the
 * whole process stands still.
 */
export function takesInput(channel: Duplex): boolean {
  const { outgoing } = channel as unknown as { readonly outgoing?: { readonly packetSize?: number } };
  return outgoing?.packetSize !== 0;
}
