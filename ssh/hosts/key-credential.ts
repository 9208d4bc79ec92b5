import { certificateProblem, parseUserCertificate } from '../auth/user-certificate';
import type { UserCertificate } from '../auth/user-certificate';
import type { PublicKeyMethod } from '../target';
import { resolveConfigPath } from './config-path';
import type { ReportProblem } from './credential-problem';
import type { Credential } from './host-config';
import { readPrivateFile, readPublicFile } from './private-file';
import type { PrivateKeyCache } from './private-key';
import { readSecret } from './secret';

/** The text of a key or certificate, and where it is from. */
interface KeyText {
  readonly text: string;
  readonly label: string;
}

/** Texts of several lines often come with `\n` written out in environment variables. */
function unescapeLines(text: string): string {
  return /[\r\n]/.test(text) ? text : text.replaceAll('\\n', '\n');
}

function keyText(credential: Credential, baseDir: string, report: ReportProblem): KeyText | undefined {
  const { privateKeyFile, privateKey } = credential;
  if (privateKeyFile !== undefined) {
    const path = resolveConfigPath(privateKeyFile, baseDir);
    const file = readPrivateFile(path);
    if ('content' in file) return { text: file.content.toString('utf8'), label: path };
    report('SshCredentialUnavailable', 'privateKeyFile', `expected a private key at ${path}, found ${file.found}`);
    return undefined;
  }
  if (privateKey === undefined) return undefined;
  const result = readSecret(privateKey, baseDir);
  if ('message' in result) {
    report('SshCredentialUnavailable', 'privateKey', result.message);
    return undefined;
  }
  const label = typeof privateKey === 'object' && privateKey.env ? `$${privateKey.env}` : 'privateKey';
  return { text: unescapeLines(result.secret), label };
}

/** The private key of a credential, decrypted, with the certificate in its place if there is one. */
export function publicKeyMethod(
  credential: Credential,
  baseDir: string,
  keys: PrivateKeyCache,
  report: ReportProblem
): PublicKeyMethod[] {
  const given = keyText(credential, baseDir, report);
  let passphrase: string | undefined;
  if (credential.passphrase !== undefined) {
    const result = readSecret(credential.passphrase, baseDir);
    if ('message' in result) {
      report('SshCredentialUnavailable', 'passphrase', result.message);
      return [];
    }
    passphrase = result.secret;
  }
  if (!given) return [];
  const result = keys.parse(given.text, passphrase);
  if ('found' in result) {
    const fromFile = credential.privateKeyFile !== undefined;
    const message = `expected a private key${fromFile ? ` at ${given.label}` : ''}, found ${result.found}`;
    report('SshAuthKeyUnusable', fromFile ? 'privateKeyFile' : 'privateKey', message);
    return [];
  }
  const { key } = result;
  if (!hasCertificate(credential)) return [{ type: 'publickey', key, label: given.label }];
  const certificate = userCertificate(credential, key.getPublicSSH(), baseDir, report);
  return certificate ? [{ type: 'publickey', key, label: given.label, certificate }] : [];
}

/** Whether a certificate is to be shown instead of the plain key. */
export function hasCertificate({ certificate, certificateFile }: Credential): boolean {
  return certificate !== undefined || certificateFile !== undefined;
}

/**
 * Reads the certificate of a credential, and judges it before anything is sent: a server only says that it refuses.
 *
 * @param publicKey - that of the private key; without it, an agent is expected to have the key
 */
export function userCertificate(
  credential: Credential,
  publicKey: Buffer | undefined,
  baseDir: string,
  report: ReportProblem
): UserCertificate | undefined {
  const field = credential.certificateFile === undefined ? 'certificate' : 'certificateFile';
  const given = certificateText(credential, baseDir, report);
  if (!given) return undefined;
  const result = parseUserCertificate(given.text);
  const found = 'found' in result ? result.found : certificateProblem(result.certificate, publicKey, Date.now());
  if ('certificate' in result && found === undefined) return result.certificate;
  report('SshAuthKeyUnusable', field, `expected a user certificate${given.label}, found ${found}`);
  return undefined;
}

function certificateText(credential: Credential, baseDir: string, report: ReportProblem): KeyText | undefined {
  const { certificate, certificateFile } = credential;
  if (certificateFile !== undefined) {
    const path = resolveConfigPath(certificateFile, baseDir);
    const file = readPublicFile(path);
    if ('content' in file) return { text: file.content.toString('utf8'), label: ` at ${path}` };
    report('SshCredentialUnavailable', 'certificateFile', `expected a certificate at ${path}, found ${file.found}`);
    return undefined;
  }
  if (certificate === undefined) return undefined;
  const result = readSecret(certificate, baseDir);
  if ('secret' in result) return { text: result.secret, label: '' };
  report('SshCredentialUnavailable', 'certificate', result.message);
  return undefined;
}
