/**
 * The host-key algorithms by which a key of each type can be proved, for the types that ssh2 takes by default, in its
 * order. RFC 8332 section 3: an `ssh-rsa` key signs with SHA-2 as well, under other names.
 */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};

/** The algorithms to ask for where keys of these types are known. */
export function hostKeyAlgorithms(types: Iterable<string>): readonly string[] {
  const known = new Set(types);
  return Object.entries(ALGORITHMS).flatMap(([type, algorithms]) => (known.has(type) ? algorithms : []));
}
