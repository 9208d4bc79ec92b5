import { existsSync } from 'node:fs';
import type { Credential } from '../host-config';
import type { HostPlan } from '../host-target';
import { ConfigValueError, configPath, flag, single } from './config-values';
import type { Obtained } from './obtain';
import type { ConfigLine } from './parse-line';

/** The key files that OpenSSH looks for, without those of types that ssh2 cannot use, the safest first. */
const DEFAULT_IDENTITIES = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `~/.ssh/${name}`);

const METHODS = ['publickey', 'password', 'keyboard-interactive'];

/**
 * Files and agent as for `ssh`, or the credential of the hosts file where the configuration names no files.
 *
 * @throws {@link ConfigValueError} for a value that is wrong or not supported
 */
export function credentialsOfConfig(
  obtained: Obtained,
  defaultCredential: Credential | undefined,
  tokens: Readonly<Record<string, string>>
): Pick<HostPlan, 'credentials' | 'optionalCredentials' | 'methods' | 'credentialAdvice'> {
  const methods = methodsOf(obtained);
  const lines = obtained.all('identityfile');
  if (lines.length === 0 && !obtained.get('identityagent') && defaultCredential) {
    return { credentials: [defaultCredential], ...(methods && { methods }) };
  }
  const none = lines.some((line) => single(line).toLowerCase() === 'none');
  const named = lines.filter((line) => single(line).toLowerCase() !== 'none');
  const files =
    lines.length > 0
      ? named.map((line) => configPath(line, single(line), tokens))
      : DEFAULT_IDENTITIES.map((path) => configPath(NOWHERE, path, {})).filter((path) => existsSync(path));
  const passphrase = defaultCredential?.passphrase;
  const agent = agentOf(obtained, tokens);
  const { password, keyboardInteractive } = defaultCredential ?? {};
  const certificateFile = certificateOf(obtained, files, tokens);
  const more = {
    ...(passphrase !== undefined && { passphrase }),
    ...(certificateFile !== undefined && { certificateFile }),
  };
  const credentials: Credential[] = [
    ...files.map((privateKeyFile) => ({ privateKeyFile, ...more })),
    ...(agent === undefined ? [] : [{ agent }]),
    ...(keyboardInteractive === undefined ? [] : [{ keyboardInteractive }]),
    ...(password === undefined ? [] : [{ password }]),
  ];
  const advice =
    "OpenSSH's configuration holds no passphrases and passwords: give the passphrase of an encrypted key under defaults.credential of the hosts file, or list the host there with its own credential";
  return {
    credentials: credentials.length > 0 || none ? credentials : [{ privateKeyFile: '~/.ssh/id_ed25519' }],
    optionalCredentials: true,
    credentialAdvice: advice,
    ...(methods && { methods }),
  };
}

/** OpenSSH finds out which key a certificate belongs to by reading all of them; here there must be no choice. */
function certificateOf(
  obtained: Obtained,
  files: readonly string[],
  tokens: Readonly<Record<string, string>>
): string | undefined {
  const [line, another] = obtained.all('certificatefile').filter((each) => single(each).toLowerCase() !== 'none');
  if (!line) return undefined;
  if (!another && files.length === 1) return configPath(line, single(line), tokens);
  const message = 'expected one CertificateFile with one IdentityFile, found several; list the host in the hosts file';
  throw new ConfigValueError(line, message, true);
}

const NOWHERE: ConfigLine = { file: '', line: 0, keyword: 'IdentityFile', key: 'identityfile', args: [], rest: '' };

function agentOf(obtained: Obtained, tokens: Readonly<Record<string, string>>): string | true | undefined {
  const only = obtained.get('identitiesonly');
  if (only && flag(only)) return undefined;
  const line = obtained.get('identityagent');
  const value = line ? single(line) : 'SSH_AUTH_SOCK';
  if (value.toLowerCase() === 'none') return undefined;
  if (value === 'SSH_AUTH_SOCK') return process.env['SSH_AUTH_SOCK'] ? true : undefined;
  if (!line || !value.startsWith('$') || value.startsWith('${')) return line && configPath(line, value, tokens);
  const path = process.env[value.slice(1)];
  if (!path)
    throw new ConfigValueError(line, `expected the environment variable ${value.slice(1)} of the worker, found none`);
  return path;
}

function methodsOf(obtained: Obtained): readonly string[] | undefined {
  const preferred = obtained.get('preferredauthentications');
  const off = (key: string): boolean => {
    const line = obtained.get(key);
    if (!line) return false;
    // OpenSSH's unbound and host-bound have to do with agents that it forwards.
    if (key === 'pubkeyauthentication' && ['unbound', 'host-bound'].includes(single(line).toLowerCase())) return false;
    return !flag(line);
  };
  const excluded = [
    ...(off('pubkeyauthentication') ? ['publickey'] : []),
    ...(off('passwordauthentication') ? ['password'] : []),
    ...(off('kbdinteractiveauthentication') ? ['keyboard-interactive'] : []),
  ];
  if (!preferred && excluded.length === 0) return undefined;
  const order = preferred ? single(preferred).split(',') : METHODS;
  return order.filter((method) => METHODS.includes(method) && !excluded.includes(method));
}
