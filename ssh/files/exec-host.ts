import { FAILURE_TAIL_BYTES } from '../../contract';
import type { SshDeadlines, SshFailureType } from '../../contract';
import type { DialObserver } from '../dial';
import type { ExecConsumer, ExecStdin } from '../exec-consumer';
import type { ConnectionPool } from '../pool/connection-pool';
import { execOnPool } from '../pool/exec-on-pool';
import { cleanServerText } from '../server-text';
import { SshError } from '../ssh-error';
import { StageClock } from '../stage-clock';
import type { SshTarget } from '../target';
import { AnswerFrame } from './answer-frame';
import { errnoFailure } from './errno-failure';
import type { HostCommandEnd } from './host-files';
import { answerNonce, framed, hostScript, hostScriptWithInput, isTellable } from './host-script';
import type { HostScript } from './host-script';

/** How files of a host are opened. */
export interface HostFilesOptions {
  /** `run` is for a whole transfer, and not looked at here. @default 60 s for `idle` */
  readonly deadlines: SshDeadlines;
  readonly signal?: AbortSignal;
  readonly observer?: DialObserver;
}

/** What a script is given and gives, beside its end. */
export interface ScriptStreams {
  readonly signal?: AbortSignal | undefined;
  /** For a script that reads stdin; without it, stdin is at its end. */
  readonly stdin?: { readonly owed: boolean; onOpen(stdin: ExecStdin): void };
  onBody(chunk: Buffer): void | Promise<void>;
}

/** How a script ended. */
export interface ScriptEnd {
  readonly code: number;
  /** What it wrote to stderr, the last of it. */
  readonly stderr: string;
  readonly hostKeyFingerprint: string;
}

const IDLE_MS = 60_000;
const STDERR_BYTES = 8_192;

/** Runs scripts on a host, each by an exec request of its own on a connection of the pool. */
export class ExecHost {
  readonly deadlines: SshDeadlines;

  constructor(
    private readonly pool: ConnectionPool,
    private readonly target: SshTarget,
    private readonly options: HostFilesOptions
  ) {
    const { connect, banner, kex, auth, channel, exec, idle = IDLE_MS } = options.deadlines;
    this.deadlines = { connect, banner, kex, auth, channel, exec, idle };
  }

  /**
   * Runs a script to its end. One with stdin must be of one line.
   *
   * @throws {@link SshError}, or the signal's reason when aborted. An exit code is no failure, see {@link refusal}.
   */
  async stream(script: string, streams: ScriptStreams): Promise<ScriptEnd> {
    if (!isTellable(script)) {
      const what = 'was not asked: a path has NUL or half a surrogate pair, which no shell can be told';
      throw new StageClock(this.target, this.deadlines).failure('SshInvalidOptions', { what, stage: 'config' });
    }
    const nonce = answerNonce();
    const { stdin } = streams;
    const request = (stdin ? hostScriptWithInput : hostScript)(nonce, framed(nonce, script));
    const frame = new AnswerFrame(nonce, (chunk) => streams.onBody(chunk));
    const messages = new Tail(STDERR_BYTES);
    const noise = new Tail(FAILURE_TAIL_BYTES);
    let code: number | undefined;
    let exitCode: number | null = null;
    const consumer: ExecConsumer = {
      get owesStdin() {
        return stdin?.owed ?? false;
      },
      onOpen: (channel) => {
        if (!stdin) return channel.end(request.stdin);
        channel.write(request.stdin);
        stdin.onOpen(channel);
      },
      onStdout: (chunk) => {
        noise.push(chunk);
        return frame.push(chunk);
      },
      onStderr: (chunk) => messages.push(chunk),
      onEnd: (exit) => {
        exitCode = exit;
        code = frame.finish();
      },
    };
    const { hostKeyFingerprint } = await this.#exec(request, consumer, streams.signal ?? this.options.signal);
    const said = messages.text();
    // What came before is of the login shell.
    const at = said.lastIndexOf(`${nonce}\n`);
    const stderr = at === -1 ? said : said.slice(at + nonce.length + 1);
    if (code !== undefined) return { code, stderr, hostKeyFingerprint };
    throw this.failure('SshTransferFailed', `did not run a script to its end (exit code ${String(exitCode)})`, {
      serverText: stderr || noise.text(),
    });
  }

  /** Runs a script whose output is small, and fails with what it says when it fails. */
  async ask(script: string, about: string, streams: Partial<ScriptStreams> = {}): Promise<Buffer> {
    const chunks: Buffer[] = [];
    const onBody = (chunk: Buffer): void => void chunks.push(Buffer.from(chunk));
    const end = await this.stream(script, { onBody, ...streams });
    if (end.code !== 0) throw this.refusal(end, about);
    return Buffer.concat(chunks);
  }

  /** Runs a script whose output is one word, before anything else on this host. */
  async probe(script: string): Promise<{ readonly said: string; readonly hostKeyFingerprint: string }> {
    let said = '';
    try {
      const { hostKeyFingerprint } = await this.stream(script, { onBody: (chunk) => void (said += chunk.toString()) });
      return { said: said.trim(), hostKeyFingerprint };
    } catch (error) {
      if (!(error instanceof SshError) || error.type !== 'SshTransferFailed') throw error;
      const { serverText } = error.details;
      throw this.failure('SshTransferUnsupported', 'has no shell that runs scripts', serverText ? { serverText } : {});
    }
  }

  /** Runs a command line as it is. */
  async run(command: string, stdin = ''): Promise<HostCommandEnd & { readonly stdout: string }> {
    const [out, err] = [new Tail(FAILURE_TAIL_BYTES), new Tail(FAILURE_TAIL_BYTES)];
    const chunks: Buffer[] = [];
    let exitCode: number | null = null;
    const consumer: ExecConsumer = {
      onOpen: (channel) => channel.end(stdin),
      onStdout: (chunk) => {
        out.push(chunk);
        if (stdin) chunks.push(chunk);
      },
      onStderr: (chunk) => err.push(chunk),
      onEnd: (code) => (exitCode = code),
    };
    await this.#exec({ command, stdin }, consumer, this.options.signal);
    return { exitCode, stdout: Buffer.concat(chunks).toString(), stdoutTail: out.text(), stderrTail: err.text() };
  }

  /** The failure that a script's messages tell of. */
  refusal({ code, stderr }: Pick<ScriptEnd, 'code' | 'stderr'>, about: string): SshError {
    const { type, what } = errnoFailure(stderr) ?? {
      type: 'SshTransferFailed' as const,
      what: `ended with exit code ${code}`,
    };
    return this.failure(type, `${what}: ${about}`, { serverText: stderr });
  }

  failure(type: SshFailureType, what: string, { serverText }: { readonly serverText?: string } = {}): SshError {
    const text = serverText === undefined ? '' : cleanServerText(serverText.trim());
    const clock = new StageClock(this.target, this.deadlines);
    return clock.failure(type, { what, stage: 'run', ...(text && { serverText: text }) });
  }

  async #exec(
    { command }: HostScript,
    consumer: ExecConsumer,
    signal: AbortSignal | undefined
  ): Promise<{ readonly hostKeyFingerprint: string }> {
    const request = {
      command,
      pty: false,
      okExitCodes: [0],
      maxOutputBytes: STDERR_BYTES,
      outputEncoding: 'utf8',
    } as const;
    const { observer } = this.options;
    try {
      return await execOnPool(
        this.pool,
        this.target,
        { ...request, consumer },
        { deadlines: this.deadlines, ...(signal && { signal }), ...(observer && { observer }) }
      );
    } catch (error) {
      if (!(error instanceof SshError) || error.type !== 'SshExecRefused') throw error;
      throw new StageClock(this.target, this.deadlines).failure('SshTransferUnsupported', {
        what: 'runs no commands',
        stage: 'exec',
        cause: error,
      });
    }
  }
}

/** The last bytes of a stream. */
class Tail {
  #bytes: Buffer = Buffer.alloc(0);

  constructor(private readonly limit: number) {}

  push(chunk: Buffer): void {
    // Copied: a part of a chunk would keep all of it.
    this.#bytes = Buffer.from(Buffer.concat([this.#bytes, chunk.subarray(-this.limit)]).subarray(-this.limit));
  }

  text(): string {
    return this.#bytes.toString('utf8');
  }
}
