import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import { ChannelWriter } from './channel-writer';
import { loginShell, workingDirectory } from './command-environment';
import type { ProcessGroups } from './process-groups';
import { openStandardStreams } from './standard-streams';

/** The signals of RFC 4254 section 6.10: those that sshd delivers, and the only ones that ssh2 can report. */
const SIGNAL_NAMES: ReadonlySet<string> = new Set([
  'ABRT',
  'ALRM',
  'FPE',
  'HUP',
  'ILL',
  'INT',
  'KILL',
  'PIPE',
  'QUIT',
  'SEGV',
  'TERM',
  'USR1',
  'USR2',
]);

/** What a command needs besides its channel. */
export interface CommandOptions {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  /** For the moment in which pipes are made. */
  readonly directory: string;
  readonly groups: ProcessGroups;
}

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

function start({ command, env, directory }: CommandOptions): Started | undefined {
  const options = { cwd: workingDirectory(), env, detached: true } as const;
  const shell = loginShell();
  let pipes;
  try {
    pipes = openStandardStreams(directory);
  } catch {
    // Without FIFOs Node's own pipes do for nearly everything.
  }
  try {
    const child = spawn(shell, ['-c', command], { ...options, stdio: pipes ? [...pipes.childEnds] : 'pipe' });
    child.on('error', () => undefined);
    const { stdin, stdout, stderr } = pipes ?? child;
    if (child.pid === undefined || !stdin || !stdout || !stderr) throw new Error('The shell did not start.');
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => undefined);
    return { child, pid: child.pid, stdin, stdout, stderr };
  } catch {
    // A command that is too long or holds a NUL byte, no processes left: the request is refused.
    for (const stream of [pipes?.stdin, pipes?.stdout, pipes?.stderr]) stream?.destroy();
    return undefined;
  } finally {
    pipes?.closeChildEnds();
  }
}

/** A command that runs as the leader of its own process group. */
export class RunningCommand {
  readonly #started: Started;
  readonly #groups: ProcessGroups;
  readonly #exited: Promise<void>;
  #result: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  #writer: ChannelWriter | undefined;
  #abandoned = false;

  private constructor(started: Started, groups: ProcessGroups) {
    this.#started = started;
    this.#groups = groups;
    groups.started(started.pid);
    this.#exited = new Promise((resolve) => {
      started.child.once('exit', (code, signal) => {
        this.#result = { code, signal };
        groups.leaderEnded(started.pid);
        resolve();
      });
    });
  }

  /** Starts the shell; `undefined` when it cannot be started. */
  static start(options: CommandOptions): RunningCommand | undefined {
    const started = start(options);
    return started && new RunningCommand(started, options.groups);
  }

  /**
   * Joins the command to its channel. As with sshd the exit status is sent as soon as the process has ended, and the
   * channel closes when both streams have ended too, which what runs on in the background may delay.
   */
  attach(channel: ServerChannel): void {
    channel.on('error', () => undefined);
    channel.stderr.on('error', () => undefined);
    const writer = new ChannelWriter(channel);
    this.#writer = writer;
    const output = [this.#copyOutput('stdout', writer), this.#copyOutput('stderr', writer)];
    this.#copyInput(channel);
    const reported = this.#exited.then(() => this.#report(channel));
    void Promise.all([reported, ...output]).then(() => {
      this.#started.stdin.destroy();
      channel.end();
    });
  }

  /** Delivers a `signal` request to the whole group. Unknown names and ended commands are passed over, as by sshd. */
  signal(name: string): void {
    if (SIGNAL_NAMES.has(name)) this.#groups.signal(this.#started.pid, `SIG${name}` as NodeJS.Signals);
  }

  /**
   * Nobody is at the other end any more. A command that runs gets SIGHUP and after the grace SIGKILL; what a command
   * that has ended left in the background only loses its output.
   */
  abandon(): void {
    if (this.#abandoned) return;
    this.#abandoned = true;
    this.#writer?.abort();
    const { pid, stdin, stdout, stderr } = this.#started;
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    // A group that survives SIGKILL is reported by the host's `close`, which asks again.
    if (this.#result === undefined) this.#groups.end(pid).catch(() => undefined);
  }

  #report(channel: ServerChannel): void {
    if (this.#abandoned || this.#result === undefined) return;
    const { code, signal } = this.#result;
    const name = signal?.slice('SIG'.length);
    if (code !== null) channel.exit(code);
    // Node does not tell whether there was a core dump.
    else if (name !== undefined && SIGNAL_NAMES.has(name)) channel.exit(name, false, '');
    // No SSH name for it: the number that shells use.
    else channel.exit(128 + (signal === null ? 0 : constants.signals[signal]));
  }

  async #copyOutput(stream: 'stdout' | 'stderr', writer: ChannelWriter): Promise<void> {
    const source = this.#started[stream];
    try {
      // Asking for the next chunk only when the last one was taken is what bounds the memory and slows the command.
      for await (const chunk of source) if (!(await writer.write(stream, chunk as Buffer))) return;
    } catch {
      // Destroyed by `abandon`.
    }
  }

  #copyInput(channel: ServerChannel): void {
    const { stdin } = this.#started;
    // `end` would shut down a socket, which a pipe is not; an empty chunk tells when all before it was written.
    channel.pipe(stdin, { end: false });
    channel.once('end', () => stdin.write('', () => stdin.destroy()));
    stdin.once('close', () => {
      // What the command no longer reads is read nevertheless: the client shall not wait for a window for ever.
      channel.unpipe(stdin);
      channel.resume();
    });
  }
}
