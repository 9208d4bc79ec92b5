import type { Duplex } from 'node:stream';
import { Client } from 'ssh2';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { SshFailureType } from '../contract';
import { Authenticator } from './auth/authenticator';
import { classifyAuthLoss } from './auth/classify-auth-loss';
import { ChannelTrace } from './channel-trace';
import { classifyLoss, cleanCause } from './classify-loss';
import type { Ssh2Error } from './classify-loss';
import type { DialObserver } from './dial';
import { fingerprint, keyType } from './hosts/fingerprint';
import { DEFAULT_KEEPALIVE, startKeepalive } from './keepalive';
import { KEX_ALGORITHMS } from './kex-algorithms';
import { guardPackets } from './packet-guard';
import { CLIENT_IDENTIFICATION, CLIENT_SOFTWARE } from './read-identification';
import { cleanServerText } from './server-text';
import { settleOnce } from './settle-once';
import { SshConnection } from './ssh-connection';
import { SshError } from './ssh-error';
import type { FailureParts, StageClock } from './stage-clock';
import type { HostKeyVerdict, SshTarget } from './target';
import { watchTextAfterIdentification } from './text-after-identification';

// ssh2's default order; a key type that is already known goes before it.
const HOST_KEY_ALGORITHMS: readonly string[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** A host key as it was offered, and what was made of it. */
export interface HostKeyObservation {
  /** In the format of RFC 4253 section 6.6. */
  readonly key: Buffer;
  readonly type: string;
  readonly fingerprint: string;
  readonly verdict: HostKeyVerdict;
}

/** What the session is set up from. */
export interface SessionOptions {
  readonly stream: Duplex;
  readonly target: SshTarget;
  readonly clock: StageClock;
  readonly signal: AbortSignal | undefined;
  readonly observer: DialObserver;
  readonly probeAuthMethods: boolean;
  readonly identification: string;
  /** The jump host's connection through which the stream runs. */
  readonly via: SshConnection | undefined;
}

/**
 * Key exchange and authentication, by ssh2, on a stream on which the identifications were exchanged already.
 *
 * The host key is judged before any credential is sent. Failures are attributed to the first thing that went wrong;
 * ssh2 often reports two or three.
 */
export function establishSession(options: SessionOptions): Promise<SshConnection> {
  const { stream, target, clock, signal, observer } = options;
  return settleOnce<SshConnection>((settlement) => {
    const client = new Client();
    const trace = new ChannelTrace();
    const text = watchTextAfterIdentification(stream);
    const authenticator = new Authenticator(target, {
      probe: options.probeAuthMethods,
      onStop: (type, what) => fail(type, { what }),
      onSecret: observer.onSecret,
    });
    let hostKey: HostKeyObservation | undefined;
    let authBanner = '';
    let connection: SshConnection | undefined;

    const said = (): string => cleanServerText(`${authBanner} ${authenticator.notes}`);
    const fail = (type: SshFailureType, parts: FailureParts): void => {
      if (settlement.settled) return;
      stream.destroy();
      settlement.reject(clock.failure(type, { ...(said() && { serverText: said() }), ...parts }));
    };
    const lose = (error?: Ssh2Error): void => {
      // Before `ready` this attempt fails; after it, whoever uses the connection does.
      if (connection) return connection.lose(error);
      const loss = (clock.stage === 'kex' && text.loss()) || classifyLoss(clock.stage, error);
      const { type, parts } = clock.stage === 'auth' ? classifyAuthLoss(loss, said(), authenticator) : loss;
      if (clock.stage === 'auth' && authenticator.accepted) observer.onAuthMethods?.(authenticator.accepted);
      fail(type, parts);
    };

    // These stay for the client's whole life: an `error` event without a listener ends the process, and ssh2 emits
    // more of them after the end.
    client.on('error', (error: Ssh2Error) => {
      // An agent that does not sign is passed over; only when nothing else is left is that a failure.
      if (!authenticator.passesOver(error)) lose(cleanCause(error));
    });
    client.on('close', () => lose());
    client.on('end', () => lose());
    client.on('change password', () => fail('SshAuthPasswordExpired', { what: 'wants a new password for this user' }));
    client.on('banner', (text) => {
      // A server may send several (RFC 4252 section 5.4); what goes beyond the limit is cut off.
      authBanner = cleanServerText(`${authBanner} ${cleanServerText(text)}`);
      observer.onAuthBanner?.(authBanner);
    });
    client.on('handshake', (algorithms) => {
      // It comes again after each rekeying.
      if (clock.stage !== 'kex' || settlement.settled) return;
      clock.enter('auth', fail);
      text.stop();
      observer.onStageDone?.('kex', clock.durationMs('kex'));
      observer.onAlgorithms?.(algorithms);
    });
    client.on('ready', () => {
      if (settlement.settled || connection) return;
      clock.leave();
      const { onStageDone, onAuthMethods } = observer;
      onStageDone?.('auth', clock.durationMs('auth'));
      if (authenticator.accepted) onAuthMethods?.(authenticator.accepted);
      const facts = {
        target,
        identification: options.identification,
        hostKeyFingerprint: hostKey?.fingerprint ?? '',
        hostKey: hostKey?.key ?? Buffer.alloc(0),
        stages: {
          connectMs: clock.durationMs('connect'),
          bannerMs: clock.durationMs('banner'),
          kexMs: clock.durationMs('kex'),
          authMs: clock.durationMs('auth'),
        },
      };
      const opened = new SshConnection(client, stream, trace, facts, options.via);
      connection = opened;
      startKeepalive(client, stream, {
        ...(target.keepalive ?? DEFAULT_KEEPALIVE),
        trace,
        onDead: () => opened.lose(Object.assign(new Error('Keepalive timeout'), { level: 'client-timeout' })),
      });
      const remember = hostKey?.verdict.trusted ? hostKey.verdict.remember : undefined;
      if (!remember) return settlement.resolve(opened);
      remember().then(
        () => settlement.resolve(opened),
        (cause: unknown) => {
          stream.destroy();
          // An unknown key that cannot be kept would be accepted anew each time, whatever it is by then.
          const what = 'has a new host key that could not be kept';
          const error =
            cause instanceof SshError ? cause : clock.failure('SshConfigInvalid', { stage: 'config', what, cause });
          settlement.reject(error);
        }
      );
    });

    const onAbort = (): void => {
      stream.destroy();
      settlement.reject(signal?.reason);
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    settlement.onSettled(() => {
      clock.stop();
      text.stop();
      authenticator.close();
      signal?.removeEventListener('abort', onAbort);
    });

    clock.enter('kex', fail);
    swallowIdentification(stream);
    client.connect({
      sock: stream,
      ident: CLIENT_SOFTWARE,
      username: target.user,
      readyTimeout: 0,
      authHandler: authenticator.handler,
      algorithms: {
        kex: [...KEX_ALGORITHMS],
        serverHostKey: hostKeyAlgorithms(target),
        // A packet that is decompressed may be a thousand times its size.
        compress: ['none'],
      },
      debug: (line: string) => {
        trace.debug(line);
        if (!connection) authenticator.observe(line);
      },
      hostVerifier: (key: Buffer): boolean => {
        // It is asked again at each rekeying. What was verified, and maybe kept, is the first key.
        if (connection) return connection.facts.hostKey.equals(key);
        const verdict = target.hostKeys.check(key);
        hostKey = { key, type: keyType(key), fingerprint: fingerprint(key), verdict };
        observer.onHostKey?.(hostKey);
        if (!verdict.trusted) fail(verdict.type, { what: `offered a host key that is not trusted: ${verdict.reason}` });
        return verdict.trusted;
      },
    });
    guardPackets(client, stream);
    authenticator.attach(client);
  });
}

function hostKeyAlgorithms({ hostKeys }: SshTarget): ServerHostKeyAlgorithm[] {
  const known = hostKeys.preferredAlgorithms.filter((algorithm) => HOST_KEY_ALGORITHMS.includes(algorithm));
  return [...new Set([...known, ...HOST_KEY_ALGORITHMS])] as ServerHostKeyAlgorithm[];
}

/** ssh2 begins by sending our identification, which the server has already; this one write goes nowhere. */
function swallowIdentification(stream: Duplex): void {
  const write = stream.write.bind(stream);
  stream.write = ((chunk: unknown, ...rest: []): boolean => {
    stream.write = write;
    const isIdentification = Buffer.isBuffer(chunk) && chunk.equals(CLIENT_IDENTIFICATION);
    return isIdentification ? true : write(chunk, ...rest);
  }) as typeof stream.write;
}
