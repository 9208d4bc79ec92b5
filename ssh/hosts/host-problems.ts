import type { ConfigProblem } from './config-problem';
import { readCredential } from './credential';
import type { CredentialContext } from './credential';
import { effectiveHost, knownHostsPaths } from './effective-host';
import type { Credential, HostConfig } from './host-config';
import { jumpNames, routeProblem } from './jump-route';
import { nearest } from './nearest';
import { KnownHostsFile } from './known-hosts-file';
import { describeIoError } from './private-file';
import { readSecret } from './secret';
import type { SoundHosts } from './sound-hosts';

/** What is wrong with a credential, at its place. */
export function credentialProblems(
  credential: Credential,
  path: readonly string[],
  context: CredentialContext
): ConfigProblem[] {
  return readCredential(credential, context).problems.map((problem) => ({
    path: [...path, ...problem.path],
    message: problem.message,
  }));
}

/** Looks at each known_hosts file once; most hosts share one. */
class KnownHostsCheck {
  readonly #files = new Map<string, KnownHostsFile | string>();

  /** What is expected and was found instead, if a file cannot be used. */
  problem(path: string, mayBeMissing: boolean): string | undefined {
    const file = this.#files.get(path) ?? this.#read(path);
    this.#files.set(path, file);
    const found = typeof file === 'string' ? file : file.missing && !mayBeMissing ? 'no such file' : undefined;
    return found && `a known_hosts file at ${path}, found ${found}`;
  }

  #read(path: string): KnownHostsFile | string {
    const file = new KnownHostsFile(path);
    try {
      file.refresh();
      return file;
    } catch (error) {
      return describeIoError(error);
    }
  }
}

function hostKeyProblem(
  name: string,
  host: HostConfig,
  sound: SoundHosts,
  baseDir: string,
  check: KnownHostsCheck
): ConfigProblem | undefined {
  if (host.hostKey !== undefined) return undefined;
  const fields = ['hostKey', 'knownHosts', 'strictHostKeyChecking'] as const;
  if (fields.some((field) => sound.leftOut(name, field))) return undefined;
  const [expected] = knownHostsPaths(host, baseDir).flatMap(
    (file) => check.problem(file, host.strictHostKeyChecking === 'accept-new') ?? []
  );
  if (expected === undefined) return undefined;
  if (sound.hosts[name]?.knownHosts !== undefined)
    return { path: ['hosts', name, 'knownHosts'], message: `expected ${expected}` };
  if (sound.defaults.knownHosts !== undefined)
    return { path: ['defaults', 'knownHosts'], message: `expected ${expected}` };
  return { path: ['hosts', name], message: `expected hostKey, or ${expected}`, onKey: true };
}

function wayProblem(name: string, { jump, proxyCommand }: HostConfig): ConfigProblem | undefined {
  if (jump === undefined || proxyCommand === undefined) return undefined;
  return { path: ['hosts', name, 'jump'], message: 'expected either jump or proxyCommand, found both', onKey: true };
}

function becomePasswordProblem(name: string, sound: SoundHosts, baseDir: string): ConfigProblem | undefined {
  const own = sound.hosts[name]?.becomePassword;
  const source = own ?? sound.defaults.becomePassword;
  const result = source === undefined ? undefined : readSecret(source, baseDir);
  if (result === undefined || 'secret' in result) return undefined;
  const path = own === undefined ? ['defaults', 'becomePassword'] : ['hosts', name, 'becomePassword'];
  return { path, message: result.message };
}

function credentialNameProblem(name: string, sound: SoundHosts): ConfigProblem | undefined {
  const own = sound.hosts[name]?.credential;
  const credential = own ?? sound.defaults.credential;
  if (typeof credential !== 'string' || sound.credentialNames.has(credential)) return undefined;
  const none = sound.credentialNames.size === 0;
  const meant = nearest(credential, sound.credentialNames);
  const advice = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
  return {
    path: own === undefined ? ['defaults', 'credential'] : ['hosts', name, 'credential'],
    message: `expected ${none ? 'a credential (none is defined that could be named)' : 'the name of one of the credentials'}, found ${JSON.stringify(credential.slice(0, 60))}${advice}`,
  };
}

/** What is wrong with the routes to hosts; those that `isElsewhere` knows need not be among them. */
export function jumpProblems({ hosts }: SoundHosts, isElsewhere: (name: string) => boolean): ConfigProblem[] {
  return Object.keys(hosts).flatMap((name) => jumpProblem(name, hosts, isElsewhere) ?? []);
}

function jumpProblem(
  name: string,
  hosts: SoundHosts['hosts'],
  isElsewhere: (name: string) => boolean
): ConfigProblem | undefined {
  const path = ['hosts', name, 'jump'];
  const unknown = jumpNames(hosts[name]).find((hop) => !Object.hasOwn(hosts, hop) && !isElsewhere(hop));
  if (unknown !== undefined) {
    const meant = nearest(unknown, Object.keys(hosts));
    const advice = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
    return { path, message: `expected the names of hosts, found ${JSON.stringify(unknown.slice(0, 60))}${advice}` };
  }
  const problem = routeProblem(name, (hop) => jumpNames(hosts[hop]));
  return problem === undefined ? undefined : { path, message: problem };
}

/** What is wrong with the hosts, beyond their shape and apart from credentials: things that are missing. */
export function hostProblems(sound: SoundHosts, baseDir: string): ConfigProblem[] {
  const check = new KnownHostsCheck();
  return Object.entries(sound.hosts).flatMap(([name, own]) => {
    const host = effectiveHost(own as HostConfig, sound.defaults);
    const missing = (['user', 'credential'] as const)
      .filter((field) => host[field] === undefined && !sound.leftOut(name, field))
      .map((field) => ({
        path: ['hosts', name, field],
        message: `expected a ${field}, here or in defaults, found none`,
      }));
    const others = [
      credentialNameProblem(name, sound),
      hostKeyProblem(name, host, sound, baseDir, check),
      wayProblem(name, host),
      becomePasswordProblem(name, sound, baseDir),
    ];
    return [...missing, ...others.filter((problem) => problem !== undefined)];
  });
}

/** What is wrong with all credentials, whether or not a host uses them. */
export function allCredentialProblems(sound: SoundHosts, context: CredentialContext): ConfigProblem[] {
  const named = Object.entries(sound.credentials).map(
    ([name, credential]) => [['credentials', name], credential] as const
  );
  const inline = Object.entries(sound.hosts).map(
    ([name, host]) => [['hosts', name, 'credential'], host.credential] as const
  );
  return [...named, [['defaults', 'credential'], sound.defaults.credential] as const, ...inline].flatMap(
    ([path, credential]) => (typeof credential === 'object' ? credentialProblems(credential, path, context) : [])
  );
}
