import { join } from 'node:path';
import { dataDirectory } from '../dev-server';

/** Where the embedded host keeps its keys and its hosts file. */
export function embeddedDirectory(dataDir: string = dataDirectory()): string {
  return join(dataDir, 'embedded-host');
}
