import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { HostFiles } from '../../../ssh/files/host-files';
import { openSftpFiles } from '../../../ssh/files/open-sftp-files';
import type { TransferOptions } from '../../../ssh/files/transfer-options';
import { startDropbear } from '../../support/dropbear';
import { privateFilesSkipReason } from '../../support/private-files';
import type { RealServer } from '../../support/real-server';
import { startSshd } from '../../support/sshd';
import { makeScratch } from '../../support/scratch';
import { openPool, shared } from '../pool/support';
import type { ServerLike } from '../support/engine';
import { PATIENT } from '../support/engine';

const SFTP_SERVER = '/usr/lib/openssh/sftp-server';
/** Where Dropbear was built to look. */
export const DROPBEAR_SFTP_SERVER = '/usr/lib/sftp-server';

/** A shell that reads no start-up files: those of whoever runs the tests may take their time. */
export const PLAIN_SHELL = privateFilesSkipReason() === false ? { account: { shell: '/bin/sh' } } : {};

/** Servers that have SFTP, by what they are. */
export const SFTP_SERVERS: Readonly<Record<string, (t: TestContext) => Promise<RealServer>>> = {
  'internal-sftp': (t) => startSshd({ t, ...PLAIN_SHELL }),
  ...(existsSync(SFTP_SERVER) && {
    'sftp-server': (t) => startSshd({ t, ...PLAIN_SHELL, config: [`Subsystem sftp ${SFTP_SERVER}`] }),
  }),
  'ForceCommand internal-sftp': (t) => startSshd({ t, ...PLAIN_SHELL, config: ['ForceCommand internal-sftp'] }),
  ...(existsSync(DROPBEAR_SFTP_SERVER) && { Dropbear: (t) => startDropbear({ t, ...PLAIN_SHELL }) }),
};

/** Opens the files of a server, and closes them with the test. */
export async function openFiles(
  t: Pick<TestContext, 'after'>,
  server: ServerLike,
  { pool = openPool(t), ...options }: Partial<TransferOptions> & { pool?: ReturnType<typeof openPool> } = {}
): Promise<HostFiles> {
  const files = await openSftpFiles(pool, shared(server), {
    deadlines: PATIENT,
    signal: new AbortController().signal,
    ...options,
  });
  t.after(() => files.close());
  return files;
}

/** A directory that ends with the test. */
export function directoryOf(t: Pick<TestContext, 'after'>): string {
  return makeScratch({ t }).path;
}

/** Everything that comes, in one piece. */
export async function readAll(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** Writes all of it, in chunks of a size. */
export async function writeAll(
  files: HostFiles,
  path: string,
  content: Buffer,
  chunk = 256 * 1024,
  offset = 0
): Promise<void> {
  const writer = await files.write(path, offset);
  try {
    for (let at = 0; at < content.length; at += chunk) await writer.write(content.subarray(at, at + chunk));
    await writer.finish();
  } finally {
    await writer.abandon();
  }
}
