import type { KexAlgorithm } from 'ssh2';

/**
 * The key exchanges that are offered: ssh2's own, in its order, without group exchange (RFC 4419).
 *
 * There the server chooses a prime, and Node tests it for being one before it goes on with anything else. A prime of 8,192 bits,
 * which sshd takes for long keys, stops a worker for seconds, and one of 9,689 bits for half a minute.
 */
export const KEX_ALGORITHMS: readonly KexAlgorithm[] = [
  'curve25519-sha256@libssh.org',
  'curve25519-sha256',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group15-sha512',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group17-sha512',
  'diffie-hellman-group18-sha512',
];
