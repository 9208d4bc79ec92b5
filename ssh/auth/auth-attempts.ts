import type { SshFailureType } from '../../contract';
import { principalsWarning } from './user-certificate';
import type { UserCertificate } from './user-certificate';

interface Attempt {
  readonly method: string;
  readonly detail: string | undefined;
  readonly certificate: UserCertificate | undefined;
  /** The server was asked; a key without a hash in common never is. */
  sent: boolean;
  /** The server took it and wants more (RFC 4252 section 5.1). */
  taken: boolean;
}

const AGENT = 'agent';

/** What was offered to the server and what came of it. */
export class AuthAttempts {
  readonly #attempts: Attempt[] = [];
  /** Why an agent has no key to offer, or did not sign. */
  agentTrouble: string | undefined;
  /** An RSA key was left out, because the server takes no SHA-2 signatures of it. */
  rsaLeftOut = false;

  constructor(private readonly user: string) {}

  begin(method: string, detail?: string, certificate?: UserCertificate): void {
    this.#attempts.push({ method, detail, certificate, sent: false, taken: false });
  }

  beginAgentKey(certificate: UserCertificate | undefined): void {
    this.begin('publickey', AGENT, certificate);
  }

  sent(): void {
    const last = this.#attempts.at(-1);
    if (last) last.sent = true;
  }

  partialSuccess(): void {
    const last = this.#attempts.at(-1);
    if (last) last.taken = true;
  }

  /** What it means that none of it let us in. */
  refusal(accepted: readonly string[] | undefined): { readonly type: SshFailureType; readonly what: string } {
    const sent = this.#attempts.filter((attempt) => attempt.sent);
    const trouble = this.agentTrouble;
    if (sent.length === 0 && trouble !== undefined) {
      return { type: 'SshCredentialUnavailable', what: `was offered no credential; ${trouble}` };
    }
    const taken = sent.filter((attempt) => attempt.taken);
    const refused = sent.filter((attempt) => !attempt.taken);
    const parts = [
      ...(taken.length > 0 ? [`took ${this.#list(taken)} and wants more`] : []),
      ...(refused.length > 0 ? [`refused ${this.#list(refused)}`] : []),
    ].join(', but ');
    const rest = sent.length > 0 && refused.length === 0 ? ', for which this host has no credential' : '';
    const notes = [
      parts ? parts + rest : 'accepts no method that this host has a credential for',
      ...(accepted ? [`it accepts ${accepted.join(', ') || 'nothing'}`] : []),
      ...(this.rsaLeftOut ? ['it takes no signature of an RSA key with SHA-2'] : []),
      ...(trouble === undefined ? [] : [trouble]),
      ...this.#certificateWarnings(refused),
      ...this.#agentAdvice(refused),
    ];
    return { type: 'SshAuthFailed', what: notes.join('; ') };
  }

  #list(attempts: readonly Attempt[]): string {
    const agentKeys = attempts.filter(({ detail }) => detail === AGENT).length;
    const names = attempts.map(({ method, detail }) => {
      if (detail === undefined) return method;
      return detail === AGENT && agentKeys > 1 ? `${method} (agent, ${agentKeys} keys)` : `${method} (${detail})`;
    });
    return [...new Set(names)].join(', ');
  }

  #certificateWarnings(refused: readonly Attempt[]): string[] {
    return refused.flatMap(({ certificate }) => (certificate && principalsWarning(certificate, this.user)) ?? []);
  }

  #agentAdvice(refused: readonly Attempt[]): string[] {
    if (refused.filter(({ detail }) => detail === AGENT).length < 2) return [];
    return [
      'each key of an agent counts against MaxAuthTries: name the right one, agent: { identities: [SHA256:...] }',
    ];
  }
}
