import { hashOf } from '../hash-of';
import type { HostFiles } from '../host-files';
import type { FilePair } from './compare-trees';
import { eachOf } from './each-of';
import type { FirstFailure } from './each-of';
import { readLocalFile } from './read-local-file';
import type { LocalReading } from './read-local-file';

const BATCH = 500;
const BATCHES_AT_ONCE = 2;
const FILES_AT_ONCE = 4;

/** Which of the files have the same content on the host, by their paths. */
export async function findSameContent(
  files: HostFiles,
  directory: string,
  pairs: readonly FilePair[],
  reading: LocalReading,
  onFile: (path: string) => void
): Promise<ReadonlySet<string>> {
  const same = new Set<string>();
  const first: FirstFailure = {};
  const compare = async (batch: readonly FilePair[]): Promise<void> => {
    const own = new Map<string, string>();
    let there: ReadonlyMap<string, string> = new Map();
    const askHost = async (): Promise<void> => {
      there = await files.digests(batch.map(({ file }) => `${directory}/${file.path}`));
    };
    const hashOwn = (): Promise<void> =>
      eachOf(
        batch,
        FILES_AT_ONCE,
        async ({ file }) => {
          reading.scope.signal.throwIfAborted();
          own.set(file.path, (await hashOf(readLocalFile(reading, file))).sha256);
          onFile(file.path);
        },
        first
      );
    await eachOf([askHost, hashOwn], 2, (task) => task(), first);
    for (const [path, sha256] of own) if (there.get(`${directory}/${path}`) === sha256) same.add(path);
  };
  await eachOf(inBatches(pairs, BATCH), BATCHES_AT_ONCE, compare, first);
  return same;
}

function* inBatches<T>(items: readonly T[], size: number): Iterable<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
