import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { SshJobStream } from '../contract';
import type { JobCursor } from '../ssh/job/job-client';

/** Both streams of a job as files on the worker. */
export interface JobSink {
  /** How much of each stream is there already. */
  readonly sizes: JobCursor;
  /** Bytes go to their place in the stream, so that reading them again changes nothing. */
  write(stream: SshJobStream, offset: number, bytes: Buffer): Promise<void>;
  /** Cuts what an earlier job of the same id may have left behind the end. */
  finish(sizes: JobCursor): Promise<void>;
  close(): Promise<void>;
}

/** Opens `<directory>/<host>/<id>.out` and `.err`, mode 0600 in a directory of mode 0700. */
export async function openJobSink(directory: string, host: string, id: string): Promise<JobSink> {
  const folder = join(directory, fileName(host));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stdout = await openFile(join(folder, `${id}.out`));
  const stderr = await openFile(join(folder, `${id}.err`)).catch(async (error: unknown) => {
    await stdout.close();
    throw error;
  });
  const files: Readonly<Record<SshJobStream, FileHandle>> = { stdout, stderr };
  const sizes = { stdout: (await stdout.stat()).size, stderr: (await stderr.stat()).size };
  return {
    sizes,
    write: async (stream, offset, bytes) => {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await files[stream].write(bytes, done, bytes.length - done, offset + done);
        done += bytesWritten;
      }
    },
    finish: async (ends) => {
      await stdout.truncate(ends.stdout);
      await stderr.truncate(ends.stderr);
    },
    close: async () => {
      await Promise.all([stdout.close(), stderr.close()]);
    },
  };
}

async function openFile(path: string): Promise<FileHandle> {
  // A link would lead out of the directory.
  return open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
}

/** A name that stays in its directory; two hosts whose names are cleaned alike stay apart. */
function fileName(host: string): string {
  const clean = host
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 100);
  return clean === host ? host : `${clean}-${createHash('sha256').update(host).digest('hex').slice(0, 8)}`;
}
