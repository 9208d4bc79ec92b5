import type { SshFileSink, SshStepOptions, SshTransferSpec } from '../contract';
import type { SshHostFiles } from './transfer-files';

/** Starts a transfer that is given as data; `undefined`, at once, for what is none. */
export function startTransfer(
  given: SshTransferSpec | object,
  host: SshHostFiles & { readonly name: string },
  defaults: Pick<SshStepOptions, 'summary'> = {}
): ReturnType<SshHostFiles['upload']> | ReturnType<SshHostFiles['sync']> | undefined {
  if ('upload' in given) {
    const { from, to, ...options } = given.upload;
    return host.upload(from, to, { ...defaults, ...options });
  }
  if ('download' in given) {
    const { from, to, ...options } = given.download;
    return host.download(from, sinkFor(to, host.name), { ...defaults, ...options });
  }
  if ('putFile' in given) {
    const { to, content, ...options } = given.putFile;
    return host.putFile(to, content, { ...defaults, ...options });
  }
  if ('sync' in given) {
    const { from, to, ...options } = given.sync;
    return host.sync(from, to, { ...defaults, ...options });
  }
  return undefined;
}

/** Files of several hosts must not be put over each other. */
function sinkFor(to: SshFileSink, host: string): SshFileSink {
  const forHost = <T>(value: T): T | string =>
    typeof value === 'string' ? value.replaceAll('{host}', () => host) : value;
  if (typeof to !== 'object' || to === null) return forHost(to);
  return 'path' in to ? { ...to, path: forHost(to.path) } : { ...to, key: forHost(to.key) };
}
