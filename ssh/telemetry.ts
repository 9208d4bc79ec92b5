import type { SshFailureType, SshStage } from '../contract';
import type { WireStage } from './stage-clock';

/** Why a step had to wait before its connection was set up. */
export type WaitReason = 'set-up-limit' | 'shared-set-up' | 'liveness';

/**
 * Is told what the engine does, for metrics and logs. Hosts are named as in the hosts file; nothing of commands, output
 * or credentials is ever told.
 *
 * The engine knows nothing of Temporal: whoever runs it decides what becomes of this. Every method returns at once and
 * must not throw.
 */
export interface SshTelemetry {
  /** A stage ended well. */
  stageDone(host: string, stage: WireStage, ms: number): void;
  /** A set-up or a command failed; also where another try follows within the same step. */
  failed(host: string, type: SshFailureType, stage: SshStage): void;
  /** Bytes of a command's output and input, once at its end. */
  transferred(host: string, bytes: { readonly stdout: number; readonly stderr: number; readonly stdin: number }): void;
  /** How many connections the pool has now, and how many of them are in use. */
  connections(open: number, inUse: number): void;
  /** A connection ended, and why. */
  connectionClosed(host: string, why: 'idle' | 'age' | 'lost' | 'unsound' | 'shutdown' | 'unshared'): void;
  /** A step waited for so long before it could go on. */
  waited(host: string, reason: WaitReason, ms: number): void;
  /** A host, or one of its credentials, is left alone from now on for so long. */
  coolingDown(host: string, what: 'host' | 'credential', type: SshFailureType, ms: number): void;
  /** A step was turned away because of that, without touching the network. */
  turnedAway(host: string, what: 'host' | 'credential'): void;
}

/** Tells nobody. */
export const NO_TELEMETRY: SshTelemetry = Object.freeze({
  stageDone: () => undefined,
  failed: () => undefined,
  transferred: () => undefined,
  connections: () => undefined,
  connectionClosed: () => undefined,
  waited: () => undefined,
  coolingDown: () => undefined,
  turnedAway: () => undefined,
});
