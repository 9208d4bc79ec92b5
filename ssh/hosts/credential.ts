import type { AuthMethod } from '../target';
import { agentMethod } from './agent-credential';
import type { CredentialProblem, ReportProblem } from './credential-problem';
import type { Credential } from './host-config';
import { hasCertificate, publicKeyMethod, userCertificate } from './key-credential';
import type { PrivateKeyCache } from './private-key';
import { keyboardInteractiveMethod } from './prompt-answers';
import { readSecret } from './secret';

/** What a credential has come to: methods that can be used and everything that is wrong. */
export interface CredentialResult {
  readonly methods: readonly AuthMethod[];
  readonly problems: readonly CredentialProblem[];
}

/** What {@link readCredential} needs to know besides the credential. */
export interface CredentialContext {
  /** Relative paths start here. */
  readonly baseDir: string;
  readonly keys: PrivateKeyCache;
}

function combinationProblems(credential: Credential, report: ReportProblem): void {
  const { privateKeyFile, privateKey, passphrase, agent, certificate, certificateFile } = credential;
  const hasKey = privateKeyFile !== undefined || privateKey !== undefined;
  if (privateKeyFile !== undefined && privateKey !== undefined) {
    report('SshCredentialUnavailable', 'privateKey', 'expected either privateKey or privateKeyFile, found both');
  }
  if (passphrase !== undefined && !hasKey) {
    report('SshCredentialUnavailable', 'passphrase', 'expected a private key that it decrypts, found none');
  }
  if (certificateFile !== undefined && certificate !== undefined) {
    report('SshCredentialUnavailable', 'certificate', 'expected either certificate or certificateFile, found both');
  }
  if (hasCertificate(credential) && !hasKey && !agent) {
    const field = certificateFile === undefined ? 'certificate' : 'certificateFile';
    report('SshCredentialUnavailable', field, 'expected the private key of the certificate, or an agent, found none');
  }
}

/**
 * Makes a credential ready: reads files and variables, decrypts the key and looks for the agent. Finds everything that
 * is wrong at once. The methods are in the order in which they are offered: key, agent, keyboard-interactive, password.
 */
export function readCredential(credential: Credential, { baseDir, keys }: CredentialContext): CredentialResult {
  const problems: CredentialProblem[] = [];
  const report: ReportProblem = (type, field, message, ...deeper) =>
    problems.push({ type, path: [field, ...deeper], message });
  const { privateKeyFile, privateKey, password, agent, keyboardInteractive } = credential;

  const hasKey = privateKeyFile !== undefined || privateKey !== undefined;
  if (!hasKey && password === undefined && !agent && !keyboardInteractive && !hasCertificate(credential)) {
    const fields = 'privateKeyFile, privateKey, password, keyboardInteractive and agent';
    const message = `expected at least one of ${fields}, found none`;
    problems.push({ type: 'SshCredentialUnavailable', path: [], message });
  }
  combinationProblems(credential, report);

  const methods: AuthMethod[] = publicKeyMethod(credential, baseDir, keys, report);
  // With a private key the certificate is that key's; the agent's own keys are then offered as they are.
  const ofAgent = agent && !hasKey && hasCertificate(credential);
  const certificate = ofAgent ? userCertificate(credential, undefined, baseDir, report) : undefined;
  methods.push(...agentMethod(credential, certificate, baseDir, report));
  methods.push(...keyboardInteractiveMethod(credential, baseDir, report));
  if (password !== undefined) {
    const result = readSecret(password, baseDir);
    if ('secret' in result) methods.push({ type: 'password', password: result.secret });
    else report('SshCredentialUnavailable', 'password', result.message);
  }
  return { methods, problems };
}
