import { createHash } from 'node:crypto';
import { fillTemplate } from '../contract';
import type { SshPutFileInput } from '../contract';
import type { FileSource } from '../ssh/files/file-source';

/** Content as a source of an upload, and the secrets that it holds. */
export interface ContentSource {
  readonly source: FileSource;
  readonly secrets: readonly string[];
}

/** Makes the content of a file of what the workflow gave, with the secrets of this worker in their places. */
export async function contentSource(
  { content, encoding, values }: Pick<SshPutFileInput, 'content' | 'encoding' | 'values'>,
  secretNamed: (name: string) => Promise<string>
): Promise<ContentSource> {
  const texts = new Map<string, string>();
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(values ?? {})) {
    if (typeof value !== 'object') {
      texts.set(name, String(value));
      continue;
    }
    const secret = await secretNamed(value.secret);
    secrets.push(secret);
    texts.set(name, secret);
  }
  const filled = values === undefined ? content : fillTemplate(content, (name) => texts.get(name) ?? '');
  const bytes = Buffer.from(filled, encoding ?? 'utf8');
  // A name that is made of the content would tell whoever sees it on the host whether a guess of the secret is right.
  const version = secrets.length > 0 ? undefined : createHash('sha256').update(bytes).digest('hex');
  const source: FileSource = {
    name: 'the content',
    facts: () => Promise.resolve({ size: bytes.length, ...(version !== undefined && { version }) }),
    async *open() {
      await Promise.resolve();
      if (bytes.length > 0) yield bytes;
    },
  };
  return { source, secrets };
}
