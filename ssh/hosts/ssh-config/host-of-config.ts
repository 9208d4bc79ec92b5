import { addressProblem, isRecordable } from '../config-values';
import { localUser } from '../local-user';
import type { Credential, HostConfig, HostDefaults, Keepalive, StrictHostKeyChecking } from '../host-config';
import type { HostPlan } from '../host-target';
import { expandTokens } from '../tokens';
import {
  ConfigValueError,
  configPath,
  duration,
  expected,
  flag,
  pathTokens,
  single,
  wholeNumber,
} from './config-values';
import { credentialsOfConfig } from './credentials-of-config';
import type { Obtained } from './obtain';
import { parseJump } from './parse-jump';
import type { ConfigLine } from './parse-line';

/** What a host of OpenSSH's configuration is made of. */
export interface HostOfConfigOptions {
  readonly name: string;
  readonly obtained: Obtained;
  /** Those of the hosts file: they stand in for what the configuration does not say. */
  readonly defaults: HostDefaults;
  /** The credential of the defaults, looked up. */
  readonly defaultCredential: Credential | undefined;
  readonly allowProxyCommand: boolean;
  /** A user and a port that go before those of the configuration: a jump host is named with its own. */
  readonly overrides?: { readonly user?: string; readonly port?: number };
}

/**
 * Makes a host of what the configuration says of it.
 *
 * @throws {@link ConfigValueError} for a value that is wrong or not supported
 */
export function hostOfConfig(options: HostOfConfigOptions): HostPlan {
  const { obtained, defaults, overrides = {} } = options;
  const address = addressOf(options);
  const portLine = obtained.get('port');
  const port = overrides.port ?? (portLine ? wholeNumber(portLine, 1, 65_535) : (defaults.port ?? 22));
  const user = overrides.user ?? userOf(obtained, defaults);
  const alias = aliasOf(obtained);
  const tokens = pathTokens({ name: options.name, address, port, user, alias });
  const hash = obtained.get('hashknownhosts');
  const keepalive = keepaliveOf(obtained);
  const timeout = obtained.get('connecttimeout');
  const connectMs = timeout && single(timeout) !== 'none' ? duration(timeout) : undefined;
  const strict = strictOf(obtained) ?? defaults.strictHostKeyChecking;
  const host: HostConfig = {
    address,
    port,
    user,
    knownHosts: knownHostsOf(obtained, defaults, tokens),
    ...(alias !== undefined && { hostKeyAlias: alias }),
    ...(strict !== undefined && { strictHostKeyChecking: strict }),
    ...wayOf(options),
    ...(defaults.labels && { labels: defaults.labels }),
    ...((keepalive ?? defaults.keepalive) && { keepalive: { ...defaults.keepalive, ...keepalive } }),
    ...((connectMs ?? defaults.timeouts) && {
      // OpenSSH takes 0 for no limit, which no step of ours is without.
      timeouts: { ...defaults.timeouts, ...(connectMs && { connect: connectMs }) },
    }),
  };
  return {
    host,
    ...credentialsOfConfig(obtained, options.defaultCredential, tokens),
    ...(hash && { hashKnownHosts: flag(hash) }),
  };
}

function addressOf({ obtained, name }: HostOfConfigOptions): string {
  const line = obtained.get('hostname');
  const address = line
    ? expandTokens(single(line), { h: name }, (token) => {
        throw new ConfigValueError(line, `the token ${token} is not supported`, true);
      })
    : name;
  const problem = addressProblem(address);
  if (problem === undefined) return address.toLowerCase();
  if (line) throw expected(line, problem);
  throw new ConfigValueError(undefined, `expected a HostName, since the name is not ${problem}`);
}

/** The remote user by the configuration, else by the defaults, else, as for `ssh`, the user who runs this. */
export function userOf(obtained: Obtained, defaults: HostDefaults): string {
  const line = obtained.get('user');
  return line ? single(line) : (defaults.user ?? localUser());
}

function aliasOf(obtained: Obtained): string | undefined {
  const line = obtained.get('hostkeyalias');
  if (!line) return undefined;
  const alias = single(line);
  if (!isRecordable(alias)) throw expected(line, 'a name as in known_hosts');
  return alias;
}

function strictOf(obtained: Obtained): StrictHostKeyChecking | undefined {
  const line = obtained.get('stricthostkeychecking');
  if (!line) return undefined;
  const value = single(line).toLowerCase();
  if (value === 'accept-new') return 'accept-new';
  if (['yes', 'true', 'ask'].includes(value)) return 'yes';
  if (['no', 'false', 'off'].includes(value)) {
    throw new ConfigValueError(line, 'no host key is ever accepted blindly; use yes or accept-new', true);
  }
  throw expected(line, 'yes, accept-new or ask');
}

function keepaliveOf(obtained: Obtained): Keepalive | undefined {
  const [interval, count] = [obtained.get('serveraliveinterval'), obtained.get('serveralivecountmax')];
  if (!interval && !count) return undefined;
  return {
    ...(interval && { interval: duration(interval) }),
    ...(count && { countMax: wholeNumber(count, 1, 100) }),
  };
}

function knownHostsOf(
  obtained: Obtained,
  defaults: HostDefaults,
  tokens: Readonly<Record<string, string>>
): readonly string[] {
  const paths = (line: ConfigLine): readonly string[] =>
    line.args.length === 1 && line.args[0]?.toLowerCase() === 'none'
      ? []
      : line.args.map((arg) => configPath(line, arg, tokens));
  const own = obtained.get('userknownhostsfile');
  const global = obtained.get('globalknownhostsfile');
  const given = typeof defaults.knownHosts === 'string' ? [defaults.knownHosts] : defaults.knownHosts;
  const users = own ? paths(own) : (given ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']);
  const globals = global ? paths(global) : ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
  // What is accepted anew goes into the first, which must be none of all users' files.
  return [...(users.length > 0 ? users : ['/dev/null']), ...globals];
}

/** How the host is reached, when not by TCP. */
function wayOf({ obtained, allowProxyCommand }: HostOfConfigOptions): Pick<HostConfig, 'jump' | 'proxyCommand'> {
  const jump = obtained.get('proxyjump');
  if (jump && jump.rest.toLowerCase() !== 'none') {
    const hops = single(jump).split(',');
    if (!hops.every(parseJump)) throw expected(jump, 'hops such as user@host:port, separated by commas, or none');
    return { jump: hops };
  }
  const command = obtained.get('proxycommand');
  if (!command || command.rest.toLowerCase() === 'none') return {};
  if (!allowProxyCommand) {
    const message =
      'it would run a command on the worker; if that is meant, set sshConfig: { allowProxyCommand: true } in the hosts file, or list the host there with a proxyCommand of its own';
    throw new ConfigValueError(command, message, true);
  }
  const unknown = command.rest.replace(/%[%hnpr]/g, '').match(/%.?/)?.[0];
  if (unknown !== undefined) throw new ConfigValueError(command, `the token ${unknown} is not supported`, true);
  return { proxyCommand: command.rest };
}
