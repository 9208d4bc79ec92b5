import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { utils } from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { failureFacts } from '../../../contract';
import type { SshDeadlines, SshExecResult, SshFailureType, SshStage } from '../../../contract';
import { execOnTarget } from './exec-on-target';
import type { ExecOnTargetOptions } from './exec-on-target';
import type { ExecRequest } from '../../../ssh/exec-request';
import { FAILURE_HELP } from '../../../ssh/failure-help';
import { pinnedHostKeys } from '../../../ssh/hosts/pinned-host-keys';
import { SshError } from '../../../ssh/ssh-error';
import type { AuthMethod, SshTarget } from '../../../ssh/target';
import { assertNothingLeft } from '../../support/handles';

/** Deadlines that a busy machine keeps; a test shortens the one that it is about. */
export const PATIENT: SshDeadlines = {
  connect: 20_000,
  banner: 20_000,
  kex: 20_000,
  auth: 20_000,
  channel: 20_000,
  exec: 20_000,
};

// How late a deadline may be on a busy machine. Far below the next longer one, so that which one fired is certain.
const SLACK_MS = 5_000;

/** What {@link targetOf} takes: any of the servers of `test/support`. */
export interface ServerLike {
  readonly address: string;
  readonly port: number;
  readonly user?: string;
  readonly clientKeyFile?: string;
  readonly hostFingerprint?: string;
}

/** The first key of a file, as the engine is given it. */
export function readKey(file: string): ParsedKey {
  const parsed: unknown = utils.parseKey(readFileSync(file));
  if (parsed instanceof Error) throw parsed;
  return (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey;
}

/** A key file as a credential. */
export function keyMethod(file: string, label = 'test key'): AuthMethod {
  return { type: 'publickey', key: readKey(file), label };
}

/** A target with the server's own key and host key, named `web-1`. */
export function targetOf(server: ServerLike, overrides: Partial<SshTarget> = {}): SshTarget {
  return {
    name: 'web-1',
    address: server.address,
    port: server.port,
    user: server.user ?? 'deploy',
    auth: server.clientKeyFile === undefined ? [] : [keyMethod(server.clientKeyFile)],
    hostKeys: pinnedHostKeys([server.hostFingerprint ?? `SHA256:${'A'.repeat(43)}`]),
    ...overrides,
  };
}

/** An exec request with the defaults of the contract. */
export function request(command: string, overrides: Partial<ExecRequest> = {}): ExecRequest {
  return { command, pty: false, okExitCodes: [0], maxOutputBytes: 65_536, outputEncoding: 'utf8', ...overrides };
}

/** What a run is given beyond the target. */
export interface RunOptions extends Partial<Omit<ExecOnTargetOptions, 'deadlines'>> {
  readonly deadlines?: Partial<SshDeadlines>;
  readonly request?: Partial<ExecRequest>;
}

/** Runs a command on a target and leaves the checking to the caller. */
export async function exec(
  target: SshTarget,
  command = 'work',
  { deadlines, request: parts, ...options }: RunOptions = {}
): Promise<SshExecResult> {
  return execOnTarget(target, request(command, parts), { deadlines: { ...PATIENT, ...deadlines }, ...options });
}

/** What a failure must be. What is not named is checked by the type: retryable, next step. */
export interface ExpectedFailure {
  readonly type: SshFailureType | readonly SshFailureType[];
  readonly stage: SshStage;
  /** @default false */
  readonly commandMayHaveRun?: boolean;
  readonly serverText?: RegExp;
  readonly message?: RegExp;
}

/** Checks one failure of the engine in every respect that all of them share. */
export function checkFailure(error: unknown, target: SshTarget, expected: ExpectedFailure): SshError {
  if (!(error instanceof SshError)) throw new Error('no SshError', { cause: error });
  const { type, details, message } = error;
  const types = typeof expected.type === 'string' ? [expected.type] : expected.type;
  assert.ok(types.includes(type), `type ${type}, expected ${types.join(' or ')}: ${message}`);
  const seen = { stage: details.stage, ran: details.commandMayHaveRun, retryable: error.retryable };
  const wanted = {
    stage: expected.stage,
    ran: expected.commandMayHaveRun ?? false,
    retryable: failureFacts(type).retryable,
  };
  assert.deepEqual(seen, wanted, message);
  const { host, address, port } = details;
  assert.deepEqual({ host, address, port }, { host: target.name, address: target.address, port: target.port });
  assert.ok(message.includes(`${target.name} (${target.address}:${target.port})`), message);
  assert.ok(message.endsWith(FAILURE_HELP[type].next), message);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(message, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
  assert.ok(message.length < 2_500, `${message.length} characters`);
  if (expected.message !== undefined) assert.match(message, expected.message);
  if (expected.serverText !== undefined) {
    assert.match(details.serverText ?? '', expected.serverText);
    assert.ok(message.includes(details.serverText ?? ''), 'the message has what the server said');
  }
  return error;
}

/** Runs a command that must fail, and checks that it leaves nothing behind. */
export async function fails(
  target: SshTarget,
  expected: ExpectedFailure,
  { command = 'work', ...options }: RunOptions & { readonly command?: string } = {}
): Promise<SshError> {
  const error = await assertNothingLeft(() =>
    exec(target, command, options).then(
      (result) => Promise.reject(new Error(`succeeded with exit code ${result.exitCode}`)),
      (reason: unknown) => reason
    )
  );
  return checkFailure(error, target, expected);
}

/** Like {@link fails}, for a deadline: not before it, not long after it, and named in the failure. */
export async function timesOut(
  target: SshTarget,
  expected: ExpectedFailure & { readonly limitMs: number },
  options: RunOptions & { readonly command?: string } = {}
): Promise<SshError> {
  const startedAt = performance.now();
  const error = await fails(target, expected, options);
  const { limitMs } = expected;
  assert.equal(error.details.limitMs, limitMs);
  assert.ok(error.details.elapsedMs >= limitMs - 2, `ended after ${error.details.elapsedMs} ms, before ${limitMs} ms`);
  assert.ok(error.details.elapsedMs <= limitMs + SLACK_MS, `stage ended after ${error.details.elapsedMs} ms`);
  assert.ok(performance.now() - startedAt <= limitMs + 2 * SLACK_MS, 'ended late');
  return error;
}
