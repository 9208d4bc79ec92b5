import type { ServerChannel } from 'ssh2';
import { startSshScript } from '../support/ssh-script';
import type { ExecCall, SshScript, SshScriptOptions } from '../support/ssh-script';

/** A server whose commands go on until the test ends them. */
export interface ScriptedCommand {
  readonly script: SshScript;
  /** Resolves when the exec request has arrived; the test answers it. */
  readonly call: Promise<ExecCall>;
  /** Resolves with the channel once the exec request was answered, which happens at once unless `held`. */
  readonly channel: Promise<ServerChannel>;
  /** The signals that were sent to the command, without `SIG`. */
  readonly signals: readonly string[];
  /** Resolves with the next signal. */
  readonly signalled: Promise<string>;
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Starts the server; with `held` the test answers the exec request by `call`. */
export async function startScriptedCommand({
  held = false,
  ...options
}: SshScriptOptions & { readonly held?: boolean }): Promise<ScriptedCommand> {
  const signals: string[] = [];
  const [call, channel, signalled] = [deferred<ExecCall>(), deferred<ServerChannel>(), deferred<string>()];
  const script = await startSshScript({
    // ssh2's server passes over signals once it was told the end of stdin, which it is at the beginning.
    server: {
      debug: (line) => {
        const signal = /Inbound: CHANNEL_REQUEST \(r:\d+, signal: (\w+)/.exec(line)?.[1];
        if (signal === undefined) return;
        signals.push(signal);
        signalled.resolve(signal);
      },
    },
    onExec: (request) => {
      call.resolve(request);
      if (!held) channel.resolve(request.accept());
    },
    ...options,
  });
  return { script, call: call.promise, channel: channel.promise, signals, signalled: signalled.promise };
}
