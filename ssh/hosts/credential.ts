import { statSync } from 'node:fs';
import type { AuthMethod } from '../target';
import { resolveConfigPath } from './config-path';
import type { Credential } from './host-config';
import { describeIoError, readPrivateFile } from './private-file';
import type { PrivateKeyCache } from './private-key';
import { readSecret } from './secret';

/** Why a credential cannot be used. */
export interface CredentialProblem {
  /** `SshCredentialUnavailable` for what is not there, `SshAuthKeyUnusable` for a key that is, but does not work. */
  readonly type: 'SshCredentialUnavailable' | 'SshAuthKeyUnusable';
  /** The field of the credential; empty for the credential as a whole. */
  readonly path: readonly string[];
  readonly message: string;
}

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

type Report = (type: CredentialProblem['type'], field: keyof Credential, message: string) => void;

function keyText(credential: Credential, baseDir: string, report: Report): { text: string; label: string } | undefined {
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
  // Keys in environment variables often come with `\n` written out.
  const text = /[\r\n]/.test(result.secret) ? result.secret : result.secret.replaceAll('\\n', '\n');
  return { text, label: typeof privateKey === 'object' && privateKey.env ? `$${privateKey.env}` : 'privateKey' };
}

function publicKeyMethod(credential: Credential, { baseDir, keys }: CredentialContext, report: Report): AuthMethod[] {
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
  if ('key' in result) return [{ type: 'publickey', key: result.key, label: given.label }];
  const fromFile = credential.privateKeyFile !== undefined;
  const at = fromFile ? ` at ${given.label}` : '';
  report(
    'SshAuthKeyUnusable',
    fromFile ? 'privateKeyFile' : 'privateKey',
    `expected a private key${at}, found ${result.found}`
  );
  return [];
}

function agentMethod(agent: boolean | string, baseDir: string, report: Report): AuthMethod[] {
  if (agent === false) return [];
  const socket = agent === true ? process.env['SSH_AUTH_SOCK'] : resolveConfigPath(agent, baseDir);
  if (!socket) {
    report(
      'SshCredentialUnavailable',
      'agent',
      "expected an agent's socket in SSH_AUTH_SOCK, found none; is an agent running?"
    );
    return [];
  }
  let found: string | undefined;
  try {
    // A named pipe of Windows has no file that could be looked at.
    if (process.platform !== 'win32' && !statSync(socket).isSocket()) found = 'something that is no socket';
  } catch (error) {
    found = describeIoError(error);
  }
  if (found === undefined) return [{ type: 'agent', socket }];
  report('SshCredentialUnavailable', 'agent', `expected an agent's socket at ${socket}, found ${found}`);
  return [];
}

/**
 * Makes a credential ready: reads files and variables, decrypts the key and looks for the agent. Finds everything that
 * is wrong at once. The methods are in the order in which they are offered: key, agent, password.
 */
export function readCredential(credential: Credential, context: CredentialContext): CredentialResult {
  const problems: CredentialProblem[] = [];
  const report: Report = (type, field, message) => problems.push({ type, path: [field], message });
  const { privateKeyFile, privateKey, passphrase, password, agent } = credential;

  const hasKey = privateKeyFile !== undefined || privateKey !== undefined;
  if (!hasKey && password === undefined && !agent) {
    const message = 'expected at least one of privateKeyFile, privateKey, password and agent, found none';
    problems.push({ type: 'SshCredentialUnavailable', path: [], message });
  }
  if (privateKeyFile !== undefined && privateKey !== undefined) {
    report('SshCredentialUnavailable', 'privateKey', 'expected either privateKey or privateKeyFile, found both');
  }
  if (passphrase !== undefined && !hasKey) {
    report('SshCredentialUnavailable', 'passphrase', 'expected a private key that it decrypts, found none');
  }

  const methods = [
    ...publicKeyMethod(credential, context, report),
    ...agentMethod(agent ?? false, context.baseDir, report),
  ];
  if (password !== undefined) {
    const result = readSecret(password, context.baseDir);
    if ('secret' in result) methods.push({ type: 'password', password: result.secret });
    else report('SshCredentialUnavailable', 'password', result.message);
  }
  return { methods, problems };
}
