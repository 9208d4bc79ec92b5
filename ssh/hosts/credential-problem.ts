import type { Credential } from './host-config';

/** Why a credential cannot be used. */
export interface CredentialProblem {
  /** `SshCredentialUnavailable` for what is not there, `SshAuthKeyUnusable` for a key that is, but does not work. */
  readonly type: 'SshCredentialUnavailable' | 'SshAuthKeyUnusable';
  /** The field of the credential; empty for the credential as a whole. */
  readonly path: readonly string[];
  readonly message: string;
}

/** Notes a problem of a field, or of a place in it. */
export type ReportProblem = (
  type: CredentialProblem['type'],
  field: keyof Credential,
  message: string,
  ...deeper: readonly string[]
) => void;
