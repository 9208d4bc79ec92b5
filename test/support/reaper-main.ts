import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endServer } from './processes';
import type { ReaperEntry } from './reaper';

/**
 * Outlives a test process and clears up after it. It reads what there is to clear from its standard input, one JSON
 * entry a line, and acts when the input ends: also when the test process was killed and could do nothing itself.
 */
async function main(): Promise<void> {
  const entries = new Map<string, ReaperEntry>();
  for await (const line of createInterface({ input: process.stdin })) {
    const { key, entry } = JSON.parse(line) as { key: string; entry?: ReaperEntry };
    if (entry === undefined) entries.delete(key);
    else entries.set(key, entry);
  }
  const last = [...entries.values()].reverse();
  await Promise.allSettled(
    last.flatMap((entry) =>
      'server' in entry ? [endServer(entry.server, { sessions: 'end', marker: entry.marker })] : []
    )
  );
  for (const entry of last) {
    if ('directory' in entry) rmSync(entry.directory, { recursive: true, force: true });
  }
}

void main();
