import type { ClientChannel } from 'ssh2';
import type { SshExecResult, SshFailureType } from '../contract';
import { classifyLoss } from './classify-loss';
import type { Ssh2Error } from './classify-loss';
import type { ExecRequest } from './exec-request';
import { ExecOutput } from './exec-output';
import { requestSignal } from './request-signal';
import { settleOnce } from './settle-once';
import type { SshConnection } from './ssh-connection';
import type { SshError } from './ssh-error';
import type { FailureParts, StageClock } from './stage-clock';

// After TERM was asked for: how long the command has to end before the channel is closed without it.
const TERM_GRACE_MS = 500;

// A daemon that inherited stdout holds the channel open after the command has ended. What else the command wrote is
// in the pipe already, so that so long a silence means that nothing of it is missing.
const AFTER_EXIT_QUIET_MS = 5_000;

// After the connection was lost: the channel closes by itself once its received data is read; this is for the case
// that ssh2 forgets to say so.
const DRAIN_MS = 1_000;

/** How the command is watched. */
export interface ExecOptions {
  readonly clock: StageClock;
  /** Ends the command: TERM is requested, then the channel is closed; rejects with the signal's reason. */
  readonly signal: AbortSignal | undefined;
  /** Called once, when the exec request goes out: from here on the command may run. */
  readonly onSent?: () => void;
  /** Called with each chunk's effect on the counters. */
  readonly onOutput?: (stdoutBytes: number, stderrBytes: number) => void;
  readonly attempt: number;
  readonly reused: boolean;
}

interface Exit {
  readonly code: number | null;
  readonly signal: string | undefined;
}

/**
 * Opens a channel, executes one command and follows it to its end.
 *
 * Only an exit status or exit signal that was received is an end; anything else is a failure that says whether the
 * command may have run. Settles once, and leaves no timer and no listener behind.
 *
 * @throws {@link SshError}, or the signal's reason when aborted.
 */
export function runExec(connection: SshConnection, request: ExecRequest, options: ExecOptions): Promise<SshExecResult> {
  const { clock, signal } = options;
  return settleOnce<SshExecResult>((settlement) => {
    const output = new ExecOutput(request);
    let channel: ClientChannel | undefined;
    let exit: Exit | undefined;
    let sent = false;
    let refused = false;
    let closedByServer = false;
    let ending = false;
    let quiet: NodeJS.Timeout | undefined;

    const failure = (type: SshFailureType, parts: FailureParts): SshError => {
      const tails = sent ? output.tails() : {};
      return clock.failure(type, { commandMayHaveRun: sent, ...tails, ...parts });
    };
    const fail = (type: SshFailureType, parts: FailureParts): void => settlement.reject(failure(type, parts));
    const markSent = (): void => {
      if (sent) return;
      sent = true;
      options.onSent?.();
    };
    const finish = (): void => {
      // What made us end the command is the outcome then, however the command took it.
      if (settlement.settled || ending || !exit) return;
      clock.leave();
      const complete = closedByServer || !connection.lost;
      const result = output.result(connection, {
        exit,
        complete,
        clock,
        reused: options.reused,
        attempt: options.attempt,
      });
      const { code, signal: name } = exit;
      if (code !== null && request.okExitCodes.includes(code)) return settlement.resolve(result);
      const [type, what] =
        code === null
          ? (['SshExitSignal', `ended the command by signal ${name ?? 'unknown'}`] as const)
          : (['SshExitStatus', `ended the command with exit code ${code}`] as const);
      fail(type, {
        what,
        result,
        stage: 'run',
        ...(code === null ? { signal: name ?? 'unknown' } : { exitCode: code }),
      });
    };
    /** Asks the command to end, waits a little, and settles with what made us end it. */
    const end = (settle: () => void): void => {
      if (ending || settlement.settled) return;
      ending = true;
      const last = (): void => {
        settle();
        // The server may be deaf: nothing is waited for any more.
        channel?.close();
      };
      if (!channel) return last();
      channel.once('close', last);
      const timer = setTimeout(last, TERM_GRACE_MS);
      settlement.onSettled(() => clearTimeout(timer));
      try {
        requestSignal(channel, 'TERM');
      } catch {
        last();
      }
    };
    const overdue = (type: SshFailureType, parts: FailureParts): void => {
      // Made now, so that its times are those of the deadline and not of the grace after it.
      const error = failure(type, parts);
      if (channel) end(() => settlement.reject(error));
      else settlement.reject(error);
    };

    const armQuiet = (): void => {
      clearTimeout(quiet);
      const limit = exit
        ? Math.min(clock.deadlines.idle ?? AFTER_EXIT_QUIET_MS, AFTER_EXIT_QUIET_MS)
        : clock.deadlines.idle;
      if (limit === undefined || ending || settlement.settled) return;
      const check = (): void => {
        const silentFor = performance.now() - output.lastAt;
        if (silentFor < limit) quiet = setTimeout(check, limit - silentFor + 1);
        else if (exit) finish();
        else overdue('SshIdleTimeout', { what: `saw no output from the command for ${limit} ms`, limitMs: limit });
      };
      output.touch();
      quiet = setTimeout(check, limit);
    };

    const onChannel = (error: Ssh2Error | undefined, opened: ClientChannel): void => {
      if (settlement.settled) {
        // Too late to be used; it must not stay open on the server.
        opened?.on('error', () => undefined).close();
        return;
      }
      if (error) return fail(...openFailure(error, { sent, refused, lost: connection.lost }));
      channel = opened;
      markSent();
      clock.enter('run', overdue);
      opened.on('error', () => undefined);
      opened.on('data', (chunk: Buffer) => {
        output.stdout(chunk);
        options.onOutput?.(output.stdoutBytes, output.stderrBytes);
      });
      opened.stderr.on('data', (chunk: Buffer) => {
        output.stderr(chunk);
        options.onOutput?.(output.stdoutBytes, output.stderrBytes);
      });
      opened.on('exit', (code: number | null, name?: string) => {
        exit ??= { code, signal: name?.replace(/^SIG/, '') };
        // The command has ended; only its last bytes are waited for.
        clock.stop();
        armQuiet();
      });
      opened.on('close', () => {
        if (exit) return finish();
        if (!connection.lost && !ending)
          fail('SshExitStatusMissing', { what: 'closed the channel without an exit status' });
      });
      opened.end(request.stdin ?? '');
      armQuiet();
    };

    const onAbort = (): void => end(() => settlement.reject(signal?.reason));
    settlement.onSettled(() => {
      clock.stop();
      clearTimeout(quiet);
      signal?.removeEventListener('abort', onAbort);
    });
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    settlement.onSettled(
      connection.onLost((error) => {
        // A status that was received stays true, whatever happens to the connection afterwards. What was received
        // with it is still on its way through ssh2's streams; the channel's `close` comes behind it.
        if (exit) {
          clearTimeout(quiet);
          quiet = setTimeout(finish, DRAIN_MS);
          return;
        }
        const { type, parts } = classifyLoss(clock.stage, error);
        fail(type, parts);
      })
    );
    if (settlement.settled) return;

    clock.enter('channel', overdue);
    const unwatch = connection.trace.watch(
      () => connection.client.exec(request.command, request.pty ? { pty: true } : {}, onChannel),
      {
        confirmed: () => clock.enter('exec', overdue),
        execSent: markSent,
        requestRefused: () => (refused = true),
        closed: () => (closedByServer = true),
      }
    );
    if (unwatch) settlement.onSettled(unwatch);
    // Without a trace nobody can tell when the request goes out: then it counts as sent from the beginning.
    else markSent();
  });
}

// By the reason codes of RFC 4254 section 5.1. OpenSSH says 2 at its `MaxSessions`.
const OPEN_FAILURES: Readonly<Record<number, readonly [SshFailureType, string]>> = {
  1: ['SshChannelRefused', 'prohibits the channel'],
  2: ['SshChannelOpenFailed', 'could not open the channel'],
  3: ['SshChannelRefused', 'does not know session channels'],
  4: ['SshChannelResourceShortage', 'has no resources for another channel'],
};

/** What a channel that could not be had means. */
function openFailure(
  error: Ssh2Error,
  { sent, refused, lost }: { sent: boolean; refused: boolean; lost: boolean }
): [SshFailureType, FailureParts] {
  const cause = error;
  const known = error.reason === undefined ? undefined : OPEN_FAILURES[error.reason];
  if (known) return [known[0], { what: `${known[1]} (${error.message})`, cause }];
  if (lost) return ['SshConnectionLost', { what: 'closed the connection', cause }];
  if (/pseudo-terminal/.test(error.message) && refused) {
    return ['SshPtyRefused', { what: 'refused the pseudo-terminal', cause }];
  }
  if (sent && refused)
    return ['SshExecRefused', { what: 'refused to execute the command', commandMayHaveRun: false, cause }];
  // ssh2 reports a channel that was closed instead of an answer as a refusal, which it is not.
  return sent
    ? ['SshExitStatusMissing', { what: 'closed the channel instead of answering the exec request', cause }]
    : ['SshChannelOpenFailed', { what: 'closed the channel at once', cause }];
}
