import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { ExecHost } from '../exec-host';
import type { HostFiles } from '../host-files';
import { SshError } from '../../ssh-error';
import { BUNDLE_PROBE, placeScript, unpackScript } from './bundle-scripts';
import type { FilePair } from './compare-trees';
import { eachOf } from './each-of';
import { hashBuffer, readSmallFile } from './read-small-file';
import { inBatches, isComplete } from './send-files';
import type { Sending } from './send-files';
import { SMALL_FILE_BYTES } from './send-file';
import { syncStagePath } from './sync-part';
import { wantedMode } from './sync-plan';
import { TAR_END, tarEntry } from './tar-entry';

// Fewer are not worth the requests.
const LEAST_FILES = 64;
const BUNDLE = { files: 1_000, bytes: 8 * 1024 * 1024 } as const;
const BUNDLES_AT_ONCE = 2;
const FILES_AT_ONCE = 16;

/** What became of files that were to be sent in bundles. */
export interface Bundled {
  readonly bytes: number;
  /** They are to be sent one by one. */
  readonly left: readonly FilePair[];
}

interface Staged {
  readonly pair: FilePair;
  /** Below the target. */
  readonly stage: string;
  /** On the host; absolute. */
  readonly path: string;
}

/**
 * Sends small files many at a time: as an archive that the host unpacks into directories beside their places, from where they are
 * moved, each at once, when the host has proven them. That takes three requests for a thousand files.
 *
 * It is only a quicker way: where the host lacks what it needs, or anything is refused, the files are left to be sent one by one,
 * which also tells why.
 */
export async function sendBundles(
  host: ExecHost,
  files: HostFiles,
  pairs: readonly FilePair[],
  sending: Sending
): Promise<Bundled> {
  const small = pairs.filter(({ file }) => file.size <= SMALL_FILE_BYTES);
  const user = small.length < LEAST_FILES ? undefined : await remoteUser(host);
  if (user === undefined) return { bytes: 0, left: pairs };
  // As root, files that are replaced stay their owners', of which an archive has no names here.
  const fits = ({ current }: FilePair): boolean =>
    user !== 0 || current?.kind !== 'file' || (current.uid === 0 && current.gid === 0);
  const taken = new Set(small.filter(fits));
  const left = pairs.filter((pair) => !taken.has(pair));
  let bytes = 0;
  let works = true;
  await eachOf(inBatches([...taken], BUNDLE), BUNDLES_AT_ONCE, async (batch) => {
    const sent = works ? await sendBundle(host, files, batch, sending) : undefined;
    works &&= sent !== undefined;
    bytes += sent?.bytes ?? 0;
    left.push(...(sent?.left ?? batch));
  });
  return { bytes, left };
}

/** `undefined`: something was refused. */
async function sendBundle(
  host: ExecHost,
  files: HostFiles,
  batch: readonly FilePair[],
  sending: Sending
): Promise<Bundled | undefined> {
  const { target, scope, parts, key, version } = sending;
  const left: FilePair[] = [];
  const all = batch.map((pair): Staged => {
    const stage = syncStagePath(target, posix.dirname(pair.file.path), key, version);
    return { pair, stage, path: `${target}/${stage}/${posix.basename(pair.file.path)}` };
  });
  const stages = [...new Set(all.map(({ stage }) => stage))];
  await eachOf(stages, FILES_AT_ONCE, async (stage) => {
    parts.add(`${target}/${stage}/`);
    await files.makeDirectory(`${target}/${stage}`, 0o700);
  });
  const complete = all.filter(({ pair, path }) => isComplete(sending, pair, path)).map(({ path }) => path);
  const there = complete.length > 0 ? await files.digests(complete) : new Map<string, string>();

  const staged = new Map<Staged, string>();
  const archive: { readonly entry: Buffer; readonly pair: FilePair }[] = [];
  let bytes = 0;
  await eachOf(all, FILES_AT_ONCE, async (one) => {
    scope.signal.throwIfAborted();
    const { pair, stage, path } = one;
    const content = await readSmallFile(sending, pair.file);
    const sha256 = hashBuffer(content);
    if (there.get(path) !== sha256) {
      const name = `${stage}/${posix.basename(path)}`;
      const entry = tarEntry(name, wantedMode(pair, sending.fileMode), content);
      if (!entry) return void left.push(pair);
      archive.push({ entry, pair });
      bytes += content.length;
    }
    staged.set(one, sha256);
    parts.add(path);
  });
  if (!(await unpack(host, archive, stages[0] ?? '', sending))) return undefined;

  const digests = await files.digests([...staged.keys()].map(({ path }) => path));
  const moves = new Map<string, string[]>();
  for (const [{ pair, stage, path }, sha256] of staged) {
    // What tar did not unpack, it has told by its exit code; this is what it unpacked otherwise.
    if (digests.get(path) !== sha256) {
      const what = `has a copy of ${target}/${pair.file.path} with sha256 ${digests.get(path) ?? 'unknown'}, where ${sha256} was sent`;
      throw scope.failure('SshTransferCorrupted', { what });
    }
    moves.set(stage, [...(moves.get(stage) ?? []), posix.basename(path)]);
  }
  scope.signal.throwIfAborted();
  const placed =
    moves.size === 0 ? undefined : await host.stream(placeScript(target, moves), { onBody: () => undefined });
  if (placed && placed.code !== 0) return undefined;
  for (const { pair, path } of staged.keys()) {
    parts.delete(path);
    sending.onPlaced(pair.file.path);
  }
  return { bytes, left };
}

async function unpack(
  host: ExecHost,
  archive: readonly { readonly entry: Buffer; readonly pair: FilePair }[],
  stage: string,
  { target, onBytes }: Sending
): Promise<boolean> {
  if (archive.length === 0) return true;
  const end = await host.stream(unpackScript(target, stage), {
    stdin: {
      owed: false,
      onOpen: (stdin) => {
        for (const some of inChunks(archive)) {
          const bytes = some.reduce((sum, { pair }) => sum + pair.file.size, 0);
          const last = some.at(-1)?.pair.file.path ?? '';
          stdin.write(Buffer.concat(some.map(({ entry }) => entry)), () => onBytes(last, bytes));
        }
        stdin.end(TAR_END);
      },
    },
    onBody: () => undefined,
  });
  return end.code === 0;
}

const CHUNK_BYTES = 128 * 1024;

/** A packet for each small file would cost more than the file. */
function* inChunks<T extends { readonly entry: Buffer }>(archive: readonly T[]): Iterable<readonly T[]> {
  let chunk: T[] = [];
  let bytes = 0;
  for (const one of archive) {
    chunk.push(one);
    bytes += one.entry.length;
    if (bytes < CHUNK_BYTES) continue;
    yield chunk;
    chunk = [];
    bytes = 0;
  }
  if (chunk.length > 0) yield chunk;
}

const NO_COMMANDS: ReadonlySet<string> = new Set([
  'SshTransferUnsupported',
  'SshTransferFailed',
  'SshExitStatusMissing',
  'SshChannelRefused',
]);

/** `undefined` where bundles are not possible. */
async function remoteUser(host: ExecHost): Promise<number | undefined> {
  let said = '';
  try {
    const { code } = await host.stream(BUNDLE_PROBE, { onBody: (chunk) => void (said += chunk.toString('latin1')) });
    return code === 0 && /^\d+\s*$/.test(said) ? Number(said) : undefined;
  } catch (error) {
    if (error instanceof SshError && NO_COMMANDS.has(error.type)) return undefined;
    throw error;
  }
}

/** Identifies the content of a source, without reading it. */
export function treeVersion(files: Iterable<{ path: string; size: number; mtimeMs: number }>): string {
  const hash = createHash('sha256');
  for (const { path, size, mtimeMs } of files) hash.update(JSON.stringify([path, size, mtimeMs]));
  return hash.digest('hex');
}
