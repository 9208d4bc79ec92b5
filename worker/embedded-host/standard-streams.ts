import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/** Three pipes: one end of each for us, the other one for a process. */
export interface StandardStreams {
  readonly stdin: Socket;
  readonly stdout: Socket;
  readonly stderr: Socket;
  /** Descriptors for the `stdio` of `spawn`. */
  readonly childEnds: readonly [number, number, number];
  /** To be called as soon as the process was started, else its output never ends. */
  closeChildEnds(): void;
}

interface Ends {
  readonly reader: number;
  readonly writer: number;
}

function openFifo(path: string, ours: 'reader' | 'writer'): Ends {
  // Opening one end waits for the other one, unless somebody has both. Non-blocking is our end only: programs do not
  // expect EAGAIN on their standard streams.
  const both = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const opened: number[] = [];
  const open = (flags: number): number => {
    const descriptor = openSync(path, flags);
    opened.push(descriptor);
    return descriptor;
  };
  try {
    return {
      reader: open(constants.O_RDONLY | (ours === 'reader' ? constants.O_NONBLOCK : 0)),
      writer: open(constants.O_WRONLY | (ours === 'writer' ? constants.O_NONBLOCK : 0)),
    };
  } catch (error) {
    opened.forEach(closeSync);
    throw error;
  } finally {
    closeSync(both);
  }
}

/**
 * Makes real pipes, as sshd does. What Node calls a pipe is a socket, and `/dev/stdin`, `/dev/stdout` and
 * `/dev/stderr` cannot be opened then: `echo warning > /dev/stderr` would fail here and work on every other host.
 *
 * @param directory a private one, on a file system that has FIFOs; nothing stays there
 * @throws when `mkfifo` or the file system fails
 */
export function openStandardStreams(directory: string): StandardStreams {
  const prefix = join(directory, `.fifo-${process.pid}-${randomBytes(6).toString('hex')}`);
  const [stdin, stdout, stderr] = [`${prefix}-0`, `${prefix}-1`, `${prefix}-2`];
  const opened: Ends[] = [];
  const open = (path: string, ours: 'reader' | 'writer'): Ends => {
    const ends = openFifo(path, ours);
    opened.push(ends);
    return ends;
  };
  try {
    execFileSync('mkfifo', ['-m', '600', stdin, stdout, stderr], { stdio: 'ignore' });
    const ends = [open(stdin, 'writer'), open(stdout, 'reader'), open(stderr, 'reader')] as const;
    const childEnds = [ends[0].reader, ends[1].writer, ends[2].writer] as const;
    return {
      stdin: new Socket({ fd: ends[0].writer, readable: false, writable: true }),
      stdout: new Socket({ fd: ends[1].reader, readable: true, writable: false }),
      stderr: new Socket({ fd: ends[2].reader, readable: true, writable: false }),
      childEnds,
      closeChildEnds: () => childEnds.forEach(closeSync),
    };
  } catch (error) {
    for (const { reader, writer } of opened) [reader, writer].forEach(closeSync);
    throw error;
  } finally {
    for (const path of [stdin, stdout, stderr]) {
      try {
        unlinkSync(path);
      } catch {
        // It was never made.
      }
    }
  }
}
