import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { cleanServerText } from './server-text';

/** Variables that a command needs in order to find programs, files and agents. The worker's others may be secrets. */
const VARIABLES = /^(?:PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TZ|LANG|LC_[A-Z]+|XDG_[A-Z_]+|SSH_AUTH_SOCK)$/;

/** What is kept of the standard error, from its end, in bytes: enough for the message that a program ends with. */
const MAX_STDERR = 500;

/** How long the processes of a command may take to end by themselves once the connection is over. */
const GRACE_MS = 1_000;

/** How long the end of the output waits for the exit status, which tells why. */
const STATUS_MS = 250;

/** How a proxy command ended. */
export interface ProxyCommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => VARIABLES.test(name)));
}

/**
 * A command of the shell whose standard input and output are a connection (`ProxyCommand` of ssh_config(5)).
 *
 * It runs as OpenSSH has it, `exec COMMAND` under a shell, in a process group of its own: whatever it starts ends with the
 * stream, by TERM and after a second by KILL. The stream is closed only when the command is gone.
 */
export class ProxyCommandStream extends Duplex {
  readonly #child: ChildProcess;
  #end: ProxyCommandEnd | undefined;
  #stderr = Buffer.alloc(0);
  #status: NodeJS.Timeout | undefined;
  #outputEnded = false;

  constructor(command: string) {
    super({ allowHalfOpen: false, autoDestroy: true });
    this.#child = spawn('/bin/sh', ['-c', `exec ${command}`], {
      detached: true,
      stdio: 'pipe',
      cwd: '/',
      env: environment(),
    });
    this.#child.once('error', (error) => this.destroy(error));
    const { stdin, stdout, stderr } = this.#child;
    // Without file descriptors Node makes no pipes, and says why later.
    if (!stdin || !stdout || !stderr) return;
    stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stdout.on('end', () => {
      this.#outputEnded = true;
      if (this.#end) this.#finish();
      else this.#status = setTimeout(() => this.#finish(), STATUS_MS);
    });
    stderr.on('data', (chunk: Buffer) => {
      this.#stderr = Buffer.concat([this.#stderr, chunk]).subarray(-MAX_STDERR);
    });
    // A command that is gone is told by its end; what could not be written to it any more is no news.
    for (const pipe of [stdin, stdout, stderr]) pipe.on('error', () => undefined);
    this.#child.once('exit', (code, signal) => {
      this.#end = { code, signal };
      if (this.#outputEnded) this.#finish();
    });
  }

  /** Calls back when the command runs. */
  onSpawn(callback: () => void): void {
    this.#child.once('spawn', callback);
  }

  /** How the command ended; `undefined` while it runs. */
  get ending(): ProxyCommandEnd | undefined {
    return this.#end;
  }

  /** The end of what it wrote to its standard error, cleaned and cut. */
  get errorText(): string {
    return cleanServerText(this.#stderr, MAX_STDERR);
  }

  /** The command keeps the process alive. */
  ref(): void {
    this.#keepAlive('ref');
  }

  /** The command keeps the process no longer alive. */
  unref(): void {
    this.#keepAlive('unref');
  }

  #keepAlive(how: 'ref' | 'unref'): void {
    const { stdin, stdout, stderr } = this.#child;
    this.#child[how]();
    for (const pipe of [stdin, stdout, stderr] as unknown[]) if (pipe instanceof Socket) pipe[how]();
  }

  #finish(): void {
    clearTimeout(this.#status);
    if (!this.readableEnded && !this.destroyed) this.push(null);
  }

  override _read(): void {
    this.#child.stdout?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const { stdin } = this.#child;
    // A failed write is the end of the command, which is told by itself.
    if (stdin?.writable) stdin.write(chunk, () => callback());
    else callback();
  }

  override _final(callback: (error?: Error | null) => void): void {
    const { stdin } = this.#child;
    if (stdin) stdin.end(() => callback());
    else callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#status);
    const { stdin, stdout, stderr, pid } = this.#child;
    for (const pipe of [stdin, stdout, stderr]) pipe?.destroy();
    if (pid === undefined) return callback(error);
    const gone = (): void => {
      clearTimeout(timer);
      // What the command has left of its group.
      signalGroup(pid, 'SIGKILL');
      callback(error);
    };
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS);
    signalGroup(pid, 'SIGTERM');
    if (this.#end) gone();
    else this.#child.once('exit', gone);
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of it is left.
  }
}
