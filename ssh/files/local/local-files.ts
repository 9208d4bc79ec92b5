import type { SshFileSink, SshFileSource, SshRootPath } from '../../../contract';
import { readSecret } from '../../hosts/secret';
import type { FileSink } from '../file-sink';
import type { FileSource } from '../file-source';
import { checkFilesOptions } from './check-files-options';
import type { CheckedFilesOptions, LocalRoot } from './check-files-options';
import type { SshFilesOptions } from './files-options';
import { httpsSource } from './https-source';
import { localFileSink } from './local-file-sink';
import { localFileSource } from './local-file-source';
import { sourceFailure, workerFailure } from './local-failure';
import { namedSink } from './named-sink';
import { namedSource } from './named-source';
import { pathInRoot } from './path-in-root';

/** What of this worker transfers may use, by the names that workflows know. Nothing else can be reached. */
export class LocalFiles {
  readonly #options: CheckedFilesOptions;

  /** @throws {@link SshError} `SshConfigInvalid` */
  constructor(options?: SshFilesOptions) {
    this.#options = checkFilesOptions(options);
  }

  /** A file of more bytes is refused. */
  get maxBytes(): number {
    return this.#options.maxBytes;
  }

  /**
   * Where an upload comes from.
   *
   * @throws {@link SshError} `SshTransferNotAllowed`
   */
  source(host: string, from: SshFileSource, idleMs: number): FileSource {
    const { origins, maxBytes, sources } = this.#options;
    if (typeof from === 'object' && 'url' in from) return httpsSource({ host, ...from, origins, maxBytes, idleMs });
    if (typeof from === 'object' && 'source' in from) {
      return namedSource(host, from, this.#named(host, 'source', from.source, sources), maxBytes);
    }
    const { root, path } = rootPath(host, from);
    return localFileSource({ host, name: `${root}:${path}`, root: this.#root(host, root, 'readable'), path }, maxBytes);
  }

  /**
   * Where a download goes to.
   *
   * @throws {@link SshError} `SshTransferNotAllowed`
   */
  sink(host: string, to: SshFileSink, mode: number): FileSink {
    const { sinks } = this.#options;
    if (typeof to === 'object' && 'sink' in to) return namedSink(host, to, this.#named(host, 'sink', to.sink, sinks));
    const { root, path } = rootPath(host, to);
    return localFileSink({ host, name: `${root}:${path}`, root: this.#root(host, root, 'writable'), path }, mode);
  }

  /**
   * A directory that may be read, with links followed.
   *
   * @throws {@link SshError} `SshTransferNotAllowed`
   */
  async directory(
    host: string,
    from: string | SshRootPath
  ): Promise<{ readonly directory: string; readonly name: string }> {
    const { root, path } = rootPath(host, from);
    const name = `${root}:${path}`;
    const asked = { host, name, root: this.#root(host, root, 'readable'), path };
    try {
      return { directory: await pathInRoot(asked), name };
    } catch (error) {
      throw sourceFailure(host, name, error);
    }
  }

  /**
   * A secret for a template, read anew.
   *
   * @throws {@link SshError} `SshTransferNotAllowed`, `SshCredentialUnavailable`
   */
  async secret(host: string, name: string): Promise<string> {
    const source = this.#named(host, 'secret', name, this.#options.secrets);
    if (typeof source === 'function') {
      try {
        return await source();
      } catch (error) {
        throw workerFailure('SshCredentialUnavailable', host, `The function of the secret ${name} failed`, error);
      }
    }
    const result = readSecret(source, process.cwd());
    if ('secret' in result) return result.secret;
    throw workerFailure('SshCredentialUnavailable', host, `The secret ${name}: ${result.message}`);
  }

  #root(host: string, name: string, access: 'readable' | 'writable'): LocalRoot {
    const root = this.#named(host, 'root', name, this.#options.roots);
    if (root[access]) return root;
    throw workerFailure('SshTransferNotAllowed', host, `The root ${name} of this worker is not ${access}`);
  }

  #named<T>(host: string, what: string, name: string, values: Readonly<Record<string, T>>): T {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return value;
    const names = Object.keys(values);
    const known = names.length === 0 ? `it has no ${what}` : `it has ${names.join(', ')}`;
    throw workerFailure('SshTransferNotAllowed', host, `This worker has no ${what} ${name} (${known})`);
  }
}

function rootPath(host: string, from: string | SshRootPath): SshRootPath {
  if (typeof from !== 'string') return from;
  const [, root, path] = /^([^:]+):(.*)$/s.exec(from) ?? [];
  if (root !== undefined && path !== undefined) return { root, path };
  throw workerFailure('SshTransferNotAllowed', host, `${JSON.stringify(from)} names no root: expected ROOT:PATH`);
}
