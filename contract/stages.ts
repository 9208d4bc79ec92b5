import type { Duration } from '@temporalio/common';

/**
 * The stages of one step, in the order in which they happen. Every failure names one of them.
 *
 * `config` happens on the worker, before any packet is sent; the others follow RFC 4253 (`banner`, `kex`),
 * RFC 4252 (`auth`) and RFC 4254 (`channel`, `exec`, `run`).
 */
export const SSH_STAGES = ['config', 'connect', 'banner', 'kex', 'auth', 'channel', 'exec', 'run'] as const;

/** One of {@link SSH_STAGES}. */
export type SshStage = (typeof SSH_STAGES)[number];

/**
 * Deadlines of a step, each in milliseconds or as a Temporal duration such as `'60s'`.
 *
 * Each is absolute from the beginning of its stage; only `idle` is measured from the last byte of output.
 */
export interface SshTimeouts {
  /** Name resolution and the TCP connection. @default '10s' */
  readonly connect?: Duration;
  /** The server's identification line and any text lines before it (RFC 4253 section 4.2). @default '60s' */
  readonly banner?: Duration;
  /** Key exchange and the host-key check. @default '30s' */
  readonly kex?: Duration;
  /** All rounds of authentication. @default '30s' */
  readonly auth?: Duration;
  /** The answer to the channel open. @default '15s' */
  readonly channel?: Duration;
  /** The answers to the pty and exec requests. @default '15s' */
  readonly exec?: Duration;
  /** From the answer to the exec request to the end of the command. @default none */
  readonly run?: Duration;
  /** No output and no end for so long while the command runs. @default none */
  readonly idle?: Duration;
}

/** {@link SshTimeouts} with all defaults applied, in milliseconds. */
export interface SshDeadlines {
  readonly connect: number;
  readonly banner: number;
  readonly kex: number;
  readonly auth: number;
  readonly channel: number;
  readonly exec: number;
  readonly run?: number;
  readonly idle?: number;
}

/** The deadlines that apply where neither the step nor the host says otherwise, in milliseconds. */
export const DEFAULT_DEADLINES: SshDeadlines = Object.freeze({
  connect: 10_000,
  banner: 60_000,
  kex: 30_000,
  auth: 30_000,
  channel: 15_000,
  exec: 15_000,
});

/** The names of the deadlines, in the order of the stages. */
export const TIMEOUT_NAMES = ['connect', 'banner', 'kex', 'auth', 'channel', 'exec', 'run', 'idle'] as const;
