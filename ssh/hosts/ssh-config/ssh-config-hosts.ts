import { configError } from '../../ssh-error';
import type { SshError } from '../../ssh-error';
import type { Credential, HostDefaults, SshConfigSource } from '../host-config';
import type { HostPlan } from '../host-target';
import { localUser } from '../local-user';
import { matchesPatternList } from '../pattern';
import { describeIoError } from '../private-file';
import { ConfigValueError } from './config-values';
import { hostOfConfig } from './host-of-config';
import { literalNames, obtain } from './obtain';
import type { Obtained } from './obtain';
import { parseJump } from './parse-jump';
import { SshConfigSyntaxError } from './parse-line';
import { SshConfigFile } from './ssh-config-file';
import type { ConfigNode } from './ssh-config-file';

/** What {@link SshConfigHosts} is given. */
export interface SshConfigHostsOptions extends Omit<SshConfigSource, 'file'> {
  /** Absolute. */
  readonly file: string;
  readonly defaults: HostDefaults;
  readonly defaultCredential: Credential | undefined;
}

/** A name that a workflow may ask for by a pattern: nothing that could be an option, a path or several words. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,252}$/;

/**
 * The hosts of OpenSSH's configuration. It is looked at anew for each host, so that it can be changed while the worker
 * runs.
 */
export class SshConfigHosts {
  readonly #options: SshConfigHostsOptions;
  readonly #file: SshConfigFile;
  #names: { readonly nodes: readonly ConfigNode[]; readonly names: readonly string[] } | undefined;

  constructor(options: SshConfigHostsOptions) {
    this.#options = options;
    this.#file = new SshConfigFile(options.file);
  }

  /** What is wrong with the file or with one that it includes, in the words after a path; for no host in particular. */
  problem(): string | undefined {
    try {
      this.#file.nodes();
      return undefined;
    } catch (error) {
      return this.#describe(error);
    }
  }

  /** The names that are hosts by themselves, sorted. */
  names(): readonly string[] {
    const nodes = this.#nodes('');
    if (this.#names?.nodes === nodes) return this.#names.names;
    const found = literalNames(nodes).filter(({ name, certain }) => certain || this.#obtain(nodes, name).named);
    const names = [...new Set(found.map(({ name }) => name))].sort();
    this.#names = { nodes, names };
    return names;
  }

  /** Whether a workflow may use the name. */
  has(name: string): boolean {
    return this.#knows(name, this.#obtain(this.#nodes(name), name));
  }

  /**
   * What is configured for a host; `undefined` for a name that is none.
   *
   * @throws {@link SshError} `SshConfigInvalid`, or `SshConfigUnsupported` when nothing is wrong but what this version cannot do
   */
  get(name: string): HostPlan | undefined {
    const obtained = this.#obtain(this.#nodes(name), name);
    return this.#knows(name, obtained) ? this.#plan(name, name, obtained, {}) : undefined;
  }

  /** What is configured for a jump host, which the configuration itself names, so that it may be any: `user@host:port`. */
  hop(spec: string): HostPlan | undefined {
    const jump = parseJump(spec);
    if (!jump) return undefined;
    const { host, ...overrides } = jump;
    return this.#plan(spec, host, this.#obtain(this.#nodes(spec), host, jump.user), overrides);
  }

  #knows(name: string, { named }: Obtained): boolean {
    if (named) return true;
    const { hosts = [] } = this.#options;
    return PLAIN_NAME.test(name) && matchesPatternList(name, hosts);
  }

  #obtain(nodes: readonly ConfigNode[], name: string, user?: string): Obtained {
    return obtain(nodes, {
      name,
      ...(user !== undefined && { givenUser: user }),
      user: this.#options.defaults.user ?? localUser(),
    });
  }

  #plan(
    asked: string,
    name: string,
    obtained: Obtained,
    overrides: { readonly user?: string; readonly port?: number }
  ): HostPlan {
    const { defaults, defaultCredential, allowProxyCommand = false } = this.#options;
    const problems = [...obtained.problems];
    try {
      const plan = hostOfConfig({ name, obtained, defaults, defaultCredential, allowProxyCommand, overrides });
      if (problems.length === 0) return plan;
    } catch (error) {
      if (!(error instanceof ConfigValueError)) throw error;
      problems.push({ line: error.line, message: error.message, unsupported: error.unsupported });
    }
    const type = problems.every(({ unsupported }) => unsupported) ? 'SshConfigUnsupported' : 'SshConfigInvalid';
    const lines = problems.map(({ line, message, unsupported }) => {
      const what = unsupported ? `not supported by this version (${message})` : message;
      return line ? `${line.file}:${line.line}: ${line.keyword}: ${what}` : `${this.#file.path}: ${what}`;
    });
    throw configError(type, asked, `host "${asked}" of OpenSSH's configuration:\n  ${lines.join('\n  ')}`);
  }

  #nodes(name: string): readonly ConfigNode[] {
    try {
      return this.#file.nodes();
    } catch (error) {
      throw this.#unusable(name, error);
    }
  }

  #unusable(name: string, error: unknown): SshError {
    return configError(
      'SshConfigInvalid',
      name,
      `OpenSSH's configuration cannot be used: ${this.#describe(error)}`,
      error
    );
  }

  #describe(error: unknown): string {
    if (error instanceof SshConfigSyntaxError) return error.message;
    return `expected a file at ${this.#file.path}, found ${describeIoError(error)}`;
  }
}
