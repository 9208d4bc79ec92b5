import { createHash } from 'node:crypto';
import type { ConnectionPool } from '../pool/connection-pool';
import { SshError } from '../ssh-error';
import type { SshTarget } from '../target';
import { STAT_PROBE, parseFacts, statCommand } from './exec-facts';
import type { StatProgram } from './exec-facts';
import { ExecHost } from './exec-host';
import type { HostFilesOptions } from './exec-host';
import { listOverExec } from './list-over-exec';
import { readOutput } from './read-output';
import * as scripts from './exec-scripts';
import { ExecWriter } from './exec-writer';
import { digestScript, hostDigests, parseDigest } from './host-commands';
import type { HostFiles } from './host-files';
import { answerNonce, pathWord } from './host-script';

/**
 * The files of a host without SFTP, by `cat`, `mv` and the like in exec requests of their own on connections of the pool.
 *
 * Needs a shell, and a `stat` of GNU, BusyBox or BSD. Times of modification are whole seconds. Paths that no shell can
 * be told, with NUL or half a surrogate pair, are refused as `SshInvalidOptions`.
 *
 * @throws {@link SshError} `SshTransferUnsupported` for a host that runs no commands
 */
export async function openExecFiles(
  pool: ConnectionPool,
  target: SshTarget,
  options: HostFilesOptions
): Promise<HostFiles> {
  const host = new ExecHost(pool, target, options);
  const probe = await host.probe(STAT_PROBE);
  if (probe.said !== 'gnu' && probe.said !== 'bsd') {
    throw host.failure('SshTransferUnsupported', 'has no stat that tells facts of a file');
  }
  return execFiles(host, probe.said, probe.hostKeyFingerprint, options.signal);
}

function execFiles(
  host: ExecHost,
  program: StatProgram,
  hostKeyFingerprint: string,
  signal: AbortSignal | undefined
): HostFiles {
  const change = async (script: string, about: string): Promise<void> => void (await host.ask(script, about));
  const read = (path: string, offset: number): AsyncGenerator<Buffer, void, void> =>
    readOutput(
      host,
      scripts.readScript(path, offset),
      (end) => {
        if (end.code !== 0) throw host.refusal(end, path);
      },
      signal
    );
  const readBack = async (path: string, length: number): Promise<string> => {
    const hash = createHash('sha256');
    let left = length;
    for await (const chunk of read(path, 0)) {
      hash.update(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) break;
    }
    return hash.digest('hex');
  };
  return {
    via: 'exec',
    hostKeyFingerprint,
    resolve: async (path) => {
      const bytes = await host.ask(scripts.resolveScript(path), path);
      const resolved = bytes.toString('utf8');
      if (resolved.startsWith('/') && Buffer.from(resolved).equals(bytes)) return resolved;
      throw host.failure('SshTransferFailed', `has links there that lead to a name that is not UTF-8: ${path}`);
    },
    stat: async (path) => {
      const chunks: Buffer[] = [];
      const script = `${statCommand(program)} ${pathWord(path)}`;
      const end = await host.stream(script, { onBody: (chunk) => void chunks.push(chunk) });
      const facts = parseFacts(Buffer.concat(chunks).toString('latin1'));
      if (end.code === 0 && facts) return facts;
      if (/: (No such file or directory|Not a directory)$/m.test(end.stderr)) return undefined;
      throw host.refusal(end, path);
    },
    list: (directory) => listOverExec(host, program, directory, signal),
    digest: async (path, length) => {
      const nonce = answerNonce();
      const { command, stdin } = digestScript(nonce, path, length);
      const end = await host.run(command, stdin);
      const answer = parseDigest(nonce, end.stdout);
      if (answer?.sha256 !== undefined) return { sha256: answer.sha256, by: 'host' };
      if (answer?.program === false) return { sha256: await readBack(path, length), by: 'read-back' };
      throw host.refusal({ code: end.exitCode ?? -1, stderr: answer?.error ?? end.stderrTail }, path);
    },
    digests: async (paths) => {
      const told = await hostDigests((command, stdin) => host.run(command, stdin), paths);
      if (told) return told;
      const sums = new Map<string, string>();
      for (const path of paths) {
        const sha256 = await readBack(path, Infinity).catch((error: unknown) => {
          if (error instanceof SshError && error.type.startsWith('SshTransfer')) return undefined;
          throw error;
        });
        if (sha256 !== undefined) sums.set(path, sha256);
      }
      return sums;
    },
    write: (path, offset) => ExecWriter.open(host, path, offset, signal),
    writeWhole: async (path, content) => {
      const said = await host.ask(scripts.writeWholeScript(path), path, {
        stdin: { owed: false, onOpen: (stdin) => stdin.end(content) },
      });
      if (Number(said.toString('latin1')) === content.length) return;
      throw host.failure('SshTransferFailed', `has another size than what was written: ${path}`);
    },
    read,
    setAttributes: (path, attributes) => change(scripts.attributesScript(path, attributes), path),
    keep: (path, as) => change(scripts.keepScript(path, as), as),
    replace: (from, to) => change(scripts.replaceScript(from, to), to),
    remove: (path) => change(scripts.removeScript(path), path),
    removeDirectory: (path) => change(scripts.removeDirectoryScript(path), path),
    makeDirectory: (path, mode) => change(scripts.makeDirectoryScript(path, mode), path),
    run: (command) => host.run(command),
    // Each request has given its place on a connection back.
    close: () => Promise.resolve(),
  };
}
