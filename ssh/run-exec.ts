import type { ClientChannel } from 'ssh2';
import type { SshExecResult, SshFailureType } from '../contract';
import { classifyLoss } from './classify-loss';
import type { Ssh2Error } from './classify-loss';
import { abandonChannel, closeChannel, discard, requestTerm } from './end-channel';
import { ExecFault } from './exec-fault';
import { ExecFeed } from './exec-feed';
import type { ExecRequest } from './exec-request';
import { ExecOutput } from './exec-output';
import { openFailure } from './open-failure';
import { cleanServerText } from './server-text';
import { settleOnce } from './settle-once';
import type { SshConnection } from './ssh-connection';
import type { SshError } from './ssh-error';
import { LONGEST_TIMEOUT_MS } from './stage-clock';
import type { FailureParts, StageClock } from './stage-clock';

// After TERM was asked for: how long the command has to end before the channel is closed without it.
const TERM_GRACE_MS = 500;

// A daemon that inherited stdout holds the channel open after the command has ended. What else the command wrote is
// in the pipe already, so that so long a silence means that nothing of it is missing.
const AFTER_EXIT_QUIET_MS = 5_000;

// For a daemon that also writes, and never stops: what the command itself left is through by then, even where it is
// slow, and no step may last for ever after its command has ended.
const AFTER_EXIT_LONGEST_MS = 120_000;

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
 * command may have run. Settles once, and leaves no timer, no listener and no channel behind.
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
    /** ssh2 is done with the request, one way or the other. */
    let answered = false;
    let unwatch: (() => void) | undefined;
    let closedByServer = false;
    /** Set from the moment on that we end the command: how to give up on its answer. */
    let giveUp: (() => void) | undefined;
    /** Set once the connection is lost: how to settle, when what was received before is read. */
    let afterLoss: (() => void) | undefined;
    let quiet: NodeJS.Timeout | undefined;
    let longest: NodeJS.Timeout | undefined;

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
    const feed = request.consumer && new ExecFeed(request.consumer, output, (error) => onFault(error));
    const finish = (complete: boolean): void => {
      if (!feed || settlement.settled || giveUp || !exit) return conclude(complete);
      // What is pending may take longer than any silence.
      clearTimeout(quiet);
      clearTimeout(longest);
      feed.end(exit.code, () => conclude(complete));
    };
    const conclude = (complete: boolean): void => {
      // What made us end the command is the outcome then, however the command took it.
      if (settlement.settled || giveUp || !exit) return;
      clock.leave();
      const { attempt, reused } = options;
      const result = output.result(connection, { exit, complete, clock, reused, attempt });
      // A daemon may hold it open still.
      if (channel && !closedByServer) closeChannel(connection, channel);
      const { code, signal: name } = exit;
      if (feed || (code !== null && request.okExitCodes.includes(code))) return settlement.resolve(result);
      if (code !== null) {
        const what = `ended the command with exit code ${code}`;
        return fail('SshExitStatus', { what, result, stage: 'run', exitCode: code });
      }
      const by = name ?? 'unknown';
      fail('SshExitSignal', { what: `ended the command by signal ${by}`, result, stage: 'run', signal: by });
    };
    const onFault = (error: unknown): void => {
      if (giveUp || settlement.settled) return;
      settlement.reject(error instanceof ExecFault ? failure(error.type, error.parts) : error);
      if (channel && !closedByServer) closeChannel(connection, channel);
    };
    /** Asks the command to end, waits a little, and settles with what made us end it. */
    const end = (error: unknown): void => {
      if (giveUp || settlement.settled) return;
      const opened = channel;
      if (!opened) return settlement.reject(error);
      giveUp = () => {
        settlement.reject(error);
        // The server may be deaf: nothing is waited for any more.
        closeChannel(connection, opened);
      };
      const timer = setTimeout(giveUp, TERM_GRACE_MS);
      settlement.onSettled(() => clearTimeout(timer));
      requestTerm(connection, opened);
    };
    // The failure is made now, so that its times are those of the deadline and not of the grace after it.
    const overdue = (type: SshFailureType, parts: FailureParts): void => end(failure(type, parts));

    const armQuiet = (): void => {
      clearTimeout(quiet);
      const { idle } = clock.deadlines;
      const limit = exit ? Math.min(idle ?? AFTER_EXIT_QUIET_MS, AFTER_EXIT_QUIET_MS) : idle;
      if (limit === undefined || giveUp || settlement.settled) return;
      const look = (again = false): void => {
        // Nothing is read, or sent, meanwhile: the silence is ours.
        if (feed?.busy) output.touch();
        const left = limit - (performance.now() - output.lastAt);
        if (left > 0) quiet = setTimeout(look, Math.min(left + 1, LONGEST_TIMEOUT_MS));
        // Where this process itself stood still, output may wait to be read: timers come before it.
        else if (!again) quiet = setTimeout(look, 1, true);
        else if (exit) finish(true);
        else overdue('SshIdleTimeout', { what: `saw no output from the command for ${limit} ms`, limitMs: limit });
      };
      output.touch();
      look();
    };

    const onExit = (code: number | null, name?: string): void => {
      // A timer that is set after the step has settled is cleared by nobody.
      if (settlement.settled) return;
      exit ??= { code, signal: name && (cleanServerText(name.replace(/^SIG/, ''), 32) || undefined) };
      // The command has ended; only its last bytes are waited for.
      clock.stop();
      armQuiet();
      longest ??= setTimeout(() => finish(false), AFTER_EXIT_LONGEST_MS);
    };
    const onClose = (code?: number | null, name?: string): void => {
      // A status that came before the answer to the exec request was told to nobody but here.
      if (code !== undefined && !exit && !settlement.settled) onExit(code, name);
      if (giveUp) return giveUp();
      if (afterLoss) return afterLoss();
      if (exit) return finish(true);
      fail('SshExitStatusMissing', { what: 'closed the channel without an exit status' });
    };
    const onChannel = (error: Ssh2Error | undefined, opened: ClientChannel): void => {
      answered = true;
      if (settlement.settled) {
        unwatch?.();
        // Too late to be used; it must not stay open on the server.
        if (!error) closeChannel(connection, discard(opened));
        return;
      }
      if (error) return fail(...openFailure(error, { sent, refused, lost: connection.lost }));
      channel = opened;
      markSent();
      clock.enter('run', overdue);
      const take = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
        if (settlement.settled) return;
        if (feed && stream === 'stdout') output.passOn(chunk);
        else output[stream](chunk);
        options.onOutput?.(output.stdoutBytes, output.stderrBytes);
        if (stream === 'stdout') feed?.stdout(opened, chunk);
        else feed?.stderr(chunk);
      };
      opened.on('error', () => undefined);
      opened.on('data', take('stdout'));
      opened.stderr.on('data', take('stderr'));
      opened.on('exit', onExit);
      opened.on('close', onClose);
      if (feed) feed.open(opened, request.stdin);
      else opened.end(request.stdin ?? '');
      armQuiet();
    };

    const onAbort = (): void => end(signal?.reason);
    settlement.onSettled(() => {
      clock.stop();
      clearTimeout(quiet);
      clearTimeout(longest);
      signal?.removeEventListener('abort', onAbort);
    });
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    clock.enter('channel', overdue);
    settlement.onSettled(
      connection.onLost((error) => {
        if (giveUp) return giveUp();
        clearTimeout(quiet);
        clock.leave();
        const { type, parts } = classifyLoss(clock.stage, error);
        // A status that was received stays true, whatever happens to the connection afterwards.
        afterLoss = () => (exit ? finish(closedByServer) : fail(type, parts));
        if (!channel) return afterLoss();
        // What was received before is still on its way through ssh2's streams; the channel's `close` comes behind it.
        quiet = setTimeout(afterLoss, DRAIN_MS);
      })
    );
    if (settlement.settled) return;

    try {
      const open = (): unknown => connection.client.exec(request.command, request.pty ? { pty: true } : {}, onChannel);
      unwatch = connection.trace.watch(open, {
        confirmed: (local, remote) => {
          const abandon = (): void => abandonChannel(connection, local, remote);
          if (settlement.settled) return abandon();
          // A pty request may still be unanswered when the step ends.
          settlement.onSettled(() => !sent && !answered && abandon());
          clock.enter('exec', overdue);
        },
        execSent: markSent,
        requestRefused: () => (refused = true),
        closed: () => (closedByServer = true),
      });
      // One whose channel is still to be opened is watched on: see `confirmed`.
      if (unwatch) settlement.onSettled(() => (sent || answered) && unwatch?.());
      // Without a trace nobody can tell when the request goes out: then it counts as sent from the beginning.
      else markSent();
    } catch (cause) {
      // ssh2 throws for a socket that has begun to close, of which it has told nobody yet.
      fail('SshConnectionLost', { what: 'closed the connection', cause });
    }
  });
}
