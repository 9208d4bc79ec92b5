import type { RealServer } from '../../support/real-server';

/** A hosts file for real servers by name, with pinned host keys. */
export function hostsText(
  servers: Readonly<Record<string, RealServer>>,
  more: Readonly<Record<string, object>> = {}
): string {
  const hosts = Object.entries(servers).map(([name, server]) => [name, entry(server)]);
  return JSON.stringify({ hosts: { ...(Object.fromEntries(hosts) as object), ...more } });
}

/** The entry of one server. */
export function entry(server: RealServer): object {
  const { address, port, user, hostFingerprint, clientKeyFile } = server;
  return { address, port, user, hostKey: hostFingerprint, credential: { privateKeyFile: clientKeyFile } };
}
