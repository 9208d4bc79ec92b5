import type { ParsedKey } from 'ssh2';
import type { AgentMethod, AuthMethod } from '../target';

/** One key of an agent; it comes in the place of the agent when that has told its keys. */
export interface AgentKey {
  readonly type: 'agent-key';
  readonly key: ParsedKey;
  readonly method: AgentMethod;
}

/** What may be offered next. */
export type Candidate = AuthMethod | AgentKey;

/** The names (RFC 4250 section 4.11.2) of the methods by which it can be offered. */
export function methodNames({ type }: Candidate): readonly string[] {
  if (type === 'password') return ['password', 'keyboard-interactive'];
  return type === 'keyboard-interactive' ? [type] : ['publickey'];
}

/** Without our hooks ssh2 would sign with SHA-1, knows no certificates, and cannot wait for an agent. */
export function needsHooks(candidate: Candidate): boolean {
  if (candidate.type === 'publickey') return candidate.certificate !== undefined || candidate.key.type === 'ssh-rsa';
  return candidate.type === 'agent' || candidate.type === 'agent-key';
}
