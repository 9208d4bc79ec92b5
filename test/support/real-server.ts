import type { KeyFiles } from './key-files';
import type { ServerProcess, StopOptions } from './server-process';

/** A real SSH server on a loopback port, with host keys and one authorized client key of its own. */
export interface RealServer extends Omit<ServerProcess, 'pid'> {
  readonly address: '127.0.0.1';
  readonly port: number;
  /** The user to log in as: the one who runs the tests. */
  readonly user: string;
  /** Holds keys, configuration and whatever a test wants to put there. Removed by `stop`. */
  readonly directory: string;
  /** The server's process. Another one after `restart`. */
  readonly pid: number;
  readonly hostKeys: readonly KeyFiles[];
  /** The private-key file of the first host key. */
  readonly hostKeyFile: string;
  /** Fingerprint of the first host key. */
  readonly hostFingerprint: string;
  /** A line for `known_hosts` with the first host key. */
  readonly knownHostsLine: string;
  /** One such line for each host key. */
  readonly knownHostsLines: readonly string[];
  /** A private key, without a passphrase, with which `user` may log in. */
  readonly clientKeyFile: string;
  /** The keys that may log in, one a line; may be rewritten while the server runs. */
  readonly authorizedKeysFile: string;
  /** Stops the server, commands included unless told (`sessions: 'keep'`), and starts it again on the same port. */
  restart(options?: StopOptions): Promise<void>;
}
