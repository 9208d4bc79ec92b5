import type { HostFileFacts, HostFiles } from '../host-files';
import type { FilePair } from './compare-trees';
import { eachOf } from './each-of';
import type { FirstFailure } from './each-of';
import type { LocalReading } from './read-local-file';
import { SMALL_FILE_BYTES, sendFile } from './send-file';
import { syncPartPath } from './sync-part';
import { wantedMode } from './sync-plan';

// One request proves all copies of a batch; the next batch is on its way meanwhile.
const BATCH = { files: 256, bytes: 32 * 1024 * 1024 } as const;
const BATCHES_AT_ONCE = 2;
const LARGE_AT_ONCE = 4;
// Each is a channel of its own where there is no SFTP, of which servers allow ten.
const SMALL_AT_ONCE = { sftp: 32, exec: 4 } as const;

/** What is known while files are sent. */
export interface Sending extends LocalReading {
  /** On the host; absolute. */
  readonly target: string;
  readonly key: string;
  /** Of the content of the whole source. */
  readonly version: string;
  readonly fileMode: number | undefined;
  /** What earlier attempts left, by paths below the target. */
  readonly ownParts: ReadonlyMap<string, HostFileFacts>;
  /** Unfinished copies on the host, by their whole paths, those of directories with `/` at the end: each is in here before it is made, until it is in its place. */
  readonly parts: Set<string>;
  readonly onBytes: (path: string, bytes: number) => void;
  readonly onPlaced: (path: string) => void;
}

interface Copy {
  readonly pair: FilePair;
  readonly part: string;
  readonly sha256: string;
}

/**
 * Sends files and puts each in its place, once the host has proven that its copy is right. The first failure stops: what is
 * not in its place by then is as it was.
 *
 * @returns the bytes that were sent
 */
export async function sendFiles(files: HostFiles, pairs: readonly FilePair[], sending: Sending): Promise<number> {
  const { target, key, parts, scope } = sending;
  const first: FirstFailure = {};
  const smallAtOnce = SMALL_AT_ONCE[files.via];
  const keepOwner = ownerKeeper(files);
  let sent = 0;

  const partOf = ({ file }: FilePair): string => syncPartPath(`${target}/${file.path}`, key, file);
  const place = async ({ pair, part, sha256 }: Copy, there: string | undefined): Promise<void> => {
    scope.signal.throwIfAborted();
    const path = `${target}/${pair.file.path}`;
    if (there !== sha256) {
      const what = `has a copy of ${path} with sha256 ${there ?? 'unknown'}, where ${sha256} was sent`;
      throw scope.failure('SshTransferCorrupted', { what });
    }
    await keepOwner(pair, part);
    await files.setAttributes(part, { mode: wantedMode(pair, sending.fileMode) });
    await files.replace(part, path);
    parts.delete(part);
    sending.onPlaced(pair.file.path);
  };
  const sendBatch = async (batch: readonly FilePair[]): Promise<void> => {
    const complete = batch.filter((pair) => isComplete(sending, pair, partOf(pair))).map(partOf);
    const proven = complete.length > 0 ? await files.digests(complete) : new Map<string, string>();
    const copies: Copy[] = [];
    const send = async (pair: FilePair): Promise<void> => {
      scope.signal.throwIfAborted();
      const part = partOf(pair);
      parts.add(part);
      const onBytes = (bytes: number): void => sending.onBytes(pair.file.path, bytes);
      const there = proven.get(part);
      const { sha256, bytes } = await sendFile(files, { file: pair.file, part, there, onBytes }, sending);
      sent += bytes;
      copies.push({ pair, part, sha256 });
    };
    const [large, small] = [batch.filter(isLarge), batch.filter((pair) => !isLarge(pair))];
    await eachOf(large, LARGE_AT_ONCE, send, first);
    await eachOf(small, smallAtOnce, send, first);
    const there = await files.digests(copies.map(({ part }) => part));
    await eachOf(copies, smallAtOnce, (copy) => place(copy, there.get(copy.part)), first);
  };
  await eachOf(inBatches(pairs, BATCH), BATCHES_AT_ONCE, sendBatch, first);
  return sent;
}

function isLarge({ file }: FilePair): boolean {
  return file.size > SMALL_FILE_BYTES;
}

// Others must not have been able to write it: what it holds is to become the file.
const WRITABLE_BY_OTHERS = 0o022;

/** An earlier attempt has left all bytes of a small file, if they prove to be. Large ones are looked at when they are sent. */
export function isComplete({ ownParts, target }: Sending, pair: FilePair, part: string): boolean {
  const there = ownParts.get(part.slice(target.length + 1));
  if (!there || isLarge(pair)) return false;
  return there.size === pair.file.size && (there.mode & WRITABLE_BY_OTHERS) === 0;
}

/** Only root can give files away, and then a file that is replaced should stay its owner's. */
function ownerKeeper(files: HostFiles): (pair: FilePair, part: string) => Promise<void> {
  let own: Promise<HostFileFacts | undefined> | undefined;
  return async ({ current }, part) => {
    if (current?.kind !== 'file') return;
    own ??= files.stat(part);
    const us = await own;
    if (us?.uid !== 0 || (us.uid === current.uid && us.gid === current.gid)) return;
    await files.setAttributes(part, { owner: `${current.uid}:${current.gid}` });
  };
}

/** Files in batches of so many and, unless it is a single one, so many bytes. */
export function* inBatches(
  pairs: readonly FilePair[],
  most: { readonly files: number; readonly bytes: number }
): Iterable<readonly FilePair[]> {
  let batch: FilePair[] = [];
  let bytes = 0;
  for (const pair of pairs) {
    if (batch.length === most.files || (batch.length > 0 && bytes + pair.file.size > most.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(pair);
    bytes += pair.file.size;
  }
  if (batch.length > 0) yield batch;
}
