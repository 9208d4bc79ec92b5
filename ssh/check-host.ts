import { resolveDeadlines } from '../contract';
import type { SshCheckReport, SshCheckStage, SshTimeouts } from '../contract';
import { dial } from './dial';
import type { DialObserver } from './dial';
import { FAILURE_HELP } from './failure-help';
import { SshError } from './ssh-error';
import type { TargetResolver } from './target';

/** Options of {@link checkHost}. */
export interface CheckHostOptions {
  readonly timeouts?: SshTimeouts;
  readonly signal?: AbortSignal;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Connects to a host and logs in, stage by stage, and reports what it found; no command is sent.
 *
 * Every failure of the engine is part of the report. Only an abort rejects, with the signal's reason.
 */
export async function checkHost(
  name: string,
  resolve: TargetResolver,
  { timeouts, signal }: CheckHostOptions = {}
): Promise<SshCheckReport> {
  const stages: SshCheckStage[] = [];
  const report: Mutable<SshCheckReport> = { host: name, ok: false, stages };
  const startedAt = performance.now();
  try {
    const target = await resolve(name);
    stages.push({ stage: 'config', ms: Math.round(performance.now() - startedAt), ok: true });
    Object.assign(report, { address: target.address, port: target.port, user: target.user });
    const deadlines = resolveDeadlines(target.timeouts, timeouts);
    const observer = reportingObserver(report, stages);
    const connection = await dial(target, { deadlines, observer, probeAuthMethods: true, ...(signal && { signal }) });
    await connection.close();
    return { ...report, ok: true };
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    const { type, message, details, retryable } = error;
    const stage = details.stage as SshCheckStage['stage'];
    return {
      ...report,
      stages: [...stages, { stage, ms: details.elapsedMs, ok: false }],
      failure: { type, message, ...FAILURE_HELP[type], retryable, details },
    };
  }
}

function reportingObserver(report: Mutable<SshCheckReport>, stages: SshCheckStage[]): DialObserver {
  return {
    onStageDone: (stage, ms) => stages.push({ stage, ms, ok: true }),
    onIdentification: (line) => (report.identification = line),
    onHostKey: ({ type, fingerprint, verdict }) => {
      const reason = verdict.trusted ? verdict.by : verdict.reason;
      report.hostKey = { type, fingerprint, trusted: verdict.trusted, reason };
    },
    onAlgorithms: ({ kex, serverHostKey, cs }) => {
      // An AEAD cipher authenticates by itself; ssh2 then names no MAC.
      report.algorithms = { kex, serverHostKey, cipher: cs.cipher, mac: cs.mac || 'implicit' };
    },
    onAuthMethods: (methods) => (report.authMethods = methods),
    onAuthBanner: (text) => (report.authBanner = text),
  };
}
