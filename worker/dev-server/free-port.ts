import { createServer } from 'node:net';

const ADDRESS = '127.0.0.1';
const MAX_TRIES = 100;

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: ADDRESS, port, exclusive: true }, () => {
      const address = server.address();
      const found = address !== null && typeof address === 'object' ? address.port : undefined;
      server.close(() => resolve(found));
    });
  });
}

/**
 * The first port on 127.0.0.1 that is free, from `first` on, passing over `taken`; 0 is any free one.
 *
 * `undefined` when none of 100 is free. Nothing reserves it: somebody else may take it the next moment.
 */
export async function findFreePort(first: number, taken: ReadonlySet<number> = new Set()): Promise<number | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const candidate = first === 0 ? 0 : first + tries;
    if (candidate > 65_535) return undefined;
    const port = taken.has(candidate) ? undefined : await tryPort(candidate);
    if (port !== undefined && !taken.has(port)) return port;
  }
  return undefined;
}
