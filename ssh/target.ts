import type { ParsedKey } from 'ssh2';
import type { SshFailureType, SshTimeouts } from '../contract';
import type { UserCertificate } from './auth/user-certificate';

/** A private key of the worker's own, or the certificate of one. */
export interface PublicKeyMethod {
  readonly type: 'publickey';
  readonly key: ParsedKey;
  /** Where the key is from, for messages. */
  readonly label: string;
  /** Shown instead of the plain key. */
  readonly certificate?: UserCertificate;
}

/** Keys that an agent holds. */
export interface AgentMethod {
  readonly type: 'agent';
  readonly socket: string;
  /** Fingerprints (`SHA256:...`) of the only keys that are offered; without them, all are. */
  readonly identities?: readonly string[];
  /** Shown instead of its plain key, which the agent must have; no other key is offered. */
  readonly certificate?: UserCertificate;
}

/** A password; it also answers a prompt for it, where the server takes no other passwords. */
export interface PasswordMethod {
  readonly type: 'password';
  readonly password: string;
}

/** The answer to a prompt of keyboard-interactive. */
export interface PromptAnswer {
  /** Judges a prompt that is cleaned and cut to 200 characters. */
  matches(prompt: string): boolean;
  /** What {@link matches} is made from; equal for equal behaviour. */
  readonly pattern: string;
  readonly answer: string;
}

/** Answers to the questions of a server (RFC 4256). */
export interface KeyboardInteractiveMethod {
  readonly type: 'keyboard-interactive';
  /** Each is given once, the first that matches. */
  readonly answers: readonly PromptAnswer[];
}

/** One way to authenticate (RFC 4252), ready for use: nothing has to be read or decrypted any more. */
export type AuthMethod = PublicKeyMethod | AgentMethod | PasswordMethod | KeyboardInteractiveMethod;

/** What a {@link HostKeyPolicy} makes of a key that the server offers. */
export type HostKeyVerdict =
  | {
      readonly trusted: true;
      readonly by: 'pinned' | 'known_hosts' | 'accept-new';
      /** Keeps a key of a host that was new; called only after the server has proved to own the key. */
      readonly remember?: () => Promise<void>;
    }
  | {
      readonly trusted: false;
      readonly type: Extract<SshFailureType, 'SshHostKeyMismatch' | 'SshHostKeyUnknown' | 'SshHostKeyRevoked'>;
      /** What was expected and what to do, in a sentence or two. */
      readonly reason: string;
    };

/** Decides whether a host key is trusted. There is no engine without one: ssh2 accepts any key then. */
export interface HostKeyPolicy {
  /**
   * Host-key algorithms to ask for first, because a key of theirs is known; others follow. With a host that is known
   * by an RSA key only, a server would else show its Ed25519 key, which nobody has seen.
   */
  readonly preferredAlgorithms: readonly string[];
  /** Judges a key in the format of RFC 4253 section 6.6. Synchronous: everything was read when the target was made. */
  check(key: Buffer): HostKeyVerdict;
}

/** When a silent peer counts as dead: `ServerAliveInterval` and `ServerAliveCountMax` of OpenSSH. */
export interface KeepaliveLimits {
  /** How long the peer may be silent before it is asked for a sign of life, in milliseconds; `0`: it never is. */
  readonly intervalMs: number;
  /** How many requests in a row may go without any answer. */
  readonly countMax: number;
}

/** A host that is resolved: all that the engine needs in order to connect. */
export interface SshTarget {
  /** The name under which workflows know the host. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** In the order in which they are offered; never empty. */
  readonly auth: readonly AuthMethod[];
  readonly hostKeys: HostKeyPolicy;
  /**
   * Equal for targets that may share a connection: same address, user, credentials and host-key policy. Holds no secret.
   * Without it no connection is shared.
   */
  readonly shareKey?: string;
  /**
   * Equal for targets that offer the same credentials to the same user, whatever the host. Holds no secret. A credential
   * that a host refuses is told apart by it. @default {@link shareKey}
   */
  readonly credentialKey?: string;
  /** The host through which this one is reached, with its own route. */
  readonly via?: SshTarget;
  /** A shell command that leads to the host in place of TCP (`ProxyCommand` of OpenSSH), with its tokens filled in. */
  readonly proxyCommand?: string;
  /** @default every 15 s, 3 times */
  readonly keepalive?: KeepaliveLimits;
  /** What `sudo` is told when it asks, for jobs that run as another user. */
  readonly becomePassword?: string;
  /** Where jobs are kept on the host, as an absolute path. @default below the user's home */
  readonly jobDirectory?: string;
  /** Deadlines of this host; those of a step go before them. */
  readonly timeouts?: SshTimeouts;
}

/**
 * Finds hosts by name. Fails with `SshUnknownHost`, `SshCredentialUnavailable`, `SshAuthKeyUnusable` or `SshConfigInvalid`, and
 * where a function looks hosts up also with `SshHostLookupFailed` or `SshConfigUnsupported`.
 */
export type TargetResolver = (name: string) => Promise<SshTarget>;
