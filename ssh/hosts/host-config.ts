import type { SshTimeouts } from '../../contract';

/** A secret that is kept somewhere else: in an environment variable of the worker, or in a file that it can read. */
export type SecretSource =
  | {
      /** Name of the environment variable; one that is not set or empty is an error. */
      readonly env: string;
      readonly file?: never;
    }
  | {
      /**
       * Path of the file; one newline at its end is no part of the secret. As for key files, one that the worker's own
       * user owns must be closed to all others.
       */
      readonly file: string;
      readonly env?: never;
    };

/** Keys of an agent. */
export interface AgentCredential {
  /** Path of the agent's socket. @default that of `SSH_AUTH_SOCK` */
  readonly socket?: string;
  /**
   * The only keys that are offered, as fingerprints (`SHA256:...`) or public keys (`ssh-ed25519 AAAA...`), like OpenSSH's
   * `IdentitiesOnly`. Each key that is offered in vain counts against the server's `MaxAuthTries`.
   *
   * @default all keys of the agent
   */
  readonly identities?: readonly string[];
}

/** The answer to one prompt of keyboard-interactive (RFC 4256). */
export interface KeyboardInteractiveAnswer {
  /** A part of the prompt, or a regular expression between slashes (`/^code/`); in both, upper and lower case are the same. */
  readonly prompt: string;
  /** Given once; a prompt that comes again was answered wrongly. */
  readonly answer: string | SecretSource;
}

/**
 * How the worker authenticates (RFC 4252). What is given is offered in this order: the private key, the agent's keys,
 * keyboard-interactive, the password; each once, and only what the server says can continue.
 *
 * Secrets as plain strings are for objects and for a function's result. In a hosts file they are refused: refer to them
 * by `{ env: NAME }` or `{ file: PATH }`.
 */
export interface Credential {
  /** Path of a private key in the OpenSSH or a PEM format; `~` is the home directory. Read again when it changes. */
  readonly privateKeyFile?: string;
  /** The text of a private key. Not together with {@link privateKeyFile}. */
  readonly privateKey?: string | SecretSource;
  /** Decrypts the private key. */
  readonly passphrase?: string | SecretSource;
  /**
   * A certificate of the private key, as `ssh-keygen -s` writes it (OpenSSH's PROTOCOL.certkeys); shown in the place of the
   * plain key. Without a private key, the agent must have it. Read again when it changes.
   */
  readonly certificateFile?: string;
  /** The text of a certificate. Not together with {@link certificateFile}. */
  readonly certificate?: string | SecretSource;
  /** Also answers a prompt for the password, where the server takes it by keyboard-interactive only. */
  readonly password?: string | SecretSource;
  /** Answers to the server's prompts. One that none of them is for fails as `SshAuthFailed`; it is never guessed. */
  readonly keyboardInteractive?: readonly KeyboardInteractiveAnswer[];
  /** An agent's socket, or which of its keys; `true` is the agent of `SSH_AUTH_SOCK` with all its keys. @default false */
  readonly agent?: boolean | string | AgentCredential;
}

/**
 * Whether the key of a host that is not known is refused, or kept on first sight. The names are those of OpenSSH's
 * `StrictHostKeyChecking`; its `no` and `ask` do not exist here.
 */
export type StrictHostKeyChecking = 'yes' | 'accept-new';

/** `ServerAliveInterval` and `ServerAliveCountMax` of OpenSSH. */
export interface Keepalive {
  /** How long a connection may be silent before the host is asked for a sign of life; `0`: it never is. @default '15s' */
  readonly interval?: NonNullable<SshTimeouts['connect']>;
  /** How many questions in a row may stay without an answer. @default 3 */
  readonly countMax?: number;
}

/** One host, and how to get into it. */
export interface HostConfig {
  /** Name or address, as for `ssh`. An IPv6 address is written without brackets. */
  readonly address: string;
  /** @default 22 */
  readonly port?: number;
  /** The remote user. Required here or in `defaults`. */
  readonly user?: string;
  /** The name of one of `credentials`, or a credential of this host's own. Required here or in `defaults`. */
  readonly credential?: string | Credential;
  /**
   * The host's keys: fingerprints as OpenSSH prints them (`SHA256:...`), or public keys (`ssh-ed25519 AAAA...`), of which
   * one must be offered. The pin wins: of {@link knownHosts} only `@revoked` counts then, and nothing is ever accepted
   * anew.
   */
  readonly hostKey?: string | readonly string[];
  /**
   * One or more files in the format of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; `~` is the home directory. All of them
   * count; what `accept-new` keeps goes into the first.
   *
   * @default '~/.ssh/known_hosts'
   */
  readonly knownHosts?: string | readonly string[];
  /** Looked up in {@link knownHosts} instead of address and port (`HostKeyAlias` of OpenSSH). */
  readonly hostKeyAlias?: string;
  /**
   * `accept-new` appends the key of a host that {@link knownHosts} does not know in any way. It never accepts a key that
   * differs, nor another type of key for a host that is known.
   *
   * @default 'yes'
   */
  readonly strictHostKeyChecking?: StrictHostKeyChecking;
  /**
   * Hosts through which this one is reached (`ProxyJump` of OpenSSH), by their names, the first hop first. Each is
   * authenticated and its host key checked like any host. A first hop that has a `jump` of its own is reached by it.
   */
  readonly jump?: string | readonly string[];
  /**
   * A command of the shell whose standard input and output lead to the host (`ProxyCommand` of OpenSSH), in place of TCP
   * and {@link jump}. Tokens: `%h` the address, `%p` the port, `%r` the remote user, `%n` the host's name, `%%`. It gets a
   * few variables of the worker's environment only.
   */
  readonly proxyCommand?: string;
  /** When a silent connection counts as dead. */
  readonly keepalive?: Keepalive;
  /** For choosing hosts in groups. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The password that `sudo` asks for, for jobs with `become`. A wrong one is tried once. */
  readonly becomePassword?: string | SecretSource;
  /**
   * The directory on the host in which jobs are kept: absolute, and the remote user's own. It must survive a reboot.
   *
   * @default `$XDG_STATE_HOME/temporal-ssh` or `~/.local/state/temporal-ssh`
   */
  readonly jobDirectory?: string;
  /** Deadlines of this host; those of a step go before them. */
  readonly timeouts?: SshTimeouts;
}

/** What holds for every host that does not say otherwise. Labels, timeouts and keepalive are merged one by one. */
export type HostDefaults = Omit<HostConfig, 'address' | 'hostKey' | 'hostKeyAlias' | 'jump' | 'proxyCommand'>;

/** The content of a hosts file (YAML or JSON). */
export interface HostsFile {
  readonly defaults?: HostDefaults;
  readonly credentials?: Readonly<Record<string, Credential>>;
  /** By the name under which workflows know the host. Required without {@link sshConfig}. */
  readonly hosts?: Readonly<Record<string, HostConfig>>;
  /**
   * Where hosts are looked up that {@link hosts} does not have: `true` for `~/.ssh/config`, another file in the format of
   * ssh_config(5), or {@link SshConfigSource}.
   */
  readonly sshConfig?: boolean | string | SshConfigSource;
}

/** OpenSSH's configuration as a source of hosts. */
export interface SshConfigSource {
  /** @default '~/.ssh/config' */
  readonly file?: string;
  /**
   * Patterns (`*`, `?`, `!`) of further names that workflows may use. Without them only those count that a `Host` line
   * names literally: a `Host *` does not make every string a host.
   */
  readonly hosts?: readonly string[];
  /** Whether `ProxyCommand` is honoured: it runs commands on the worker. @default false */
  readonly allowProxyCommand?: boolean;
}

/**
 * Looks a host up elsewhere, such as in an inventory or a vault; `undefined` for a host that does not exist.
 *
 * It is called for each step, so that it decides what is kept and for how long. An `SshError` that it throws is handed
 * on as it is; any other error becomes the cause of `SshHostLookupFailed`, whose message quotes it: no secrets in there.
 */
export type HostLookup = (name: string) => Promise<HostConfig | undefined> | HostConfig | undefined;

/**
 * Where hosts come from: the path of a hosts file (`~` is the home directory), its content, or a function. Relative paths
 * in a file start at its own directory, all others at the working directory of the worker.
 */
export type HostsSource = string | HostsFile | HostLookup;
