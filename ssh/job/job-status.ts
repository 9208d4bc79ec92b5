import { SSH_JOB_STATES } from '../../contract';
import type { SshJobEndReason, SshJobState, SshJobStatus } from '../../contract';
import { cleanServerText } from '../server-text';
import { protocolFault } from './protocol-fault';
import { signalName } from './signal-name';

/** A status line of the host, read. */
export interface JobStatusLine {
  readonly status: SshJobStatus;
  readonly started: boolean;
  readonly stdoutSha256?: string;
  readonly stderrSha256?: string;
}

const KEYS: ReadonlySet<string> = new Set(
  'id state kind code started ended pid waiter boot out err why reason left sha_out sha_err new dir'.split(' ')
);
const END_REASONS: readonly string[] = ['cancel', 'deadline', 'lease', 'log-limit'] satisfies SshJobEndReason[];

/**
 * Reads `K=V K=V ... dir=REST`.
 *
 * @throws `ExecFault` of type `SshProtocolError` for anything else
 */
export function parseJobStatus(host: string, text: string): JobStatusLine {
  const fields = readFields(text);
  const id = fields.get('id') ?? '';
  const state = fields.get('state') ?? '';
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(id)) throw protocolFault('a status without the id of a job');
  if (!isState(state)) throw protocolFault(`the state ${JSON.stringify(state.slice(0, 40))}, which is none`);
  const startedAt = time(fields, 'started');
  const endedAt = time(fields, 'ended');
  const pid = integer(fields, 'pid');
  const why = fields.get('why');
  if (why !== undefined && !isEndReason(why)) throw protocolFault('a reason for the end that is none');
  const reason = decoded(fields, 'reason');
  const left = fields.get('left');
  const stdoutSha256 = digest(fields, 'sha_out');
  const stderrSha256 = digest(fields, 'sha_err');
  return {
    status: {
      host,
      id,
      state,
      ...ending(fields),
      ...(startedAt !== undefined && { startedAt }),
      ...(endedAt !== undefined && { endedAt }),
      ...(pid !== undefined && { pid }),
      stdoutBytes: integer(fields, 'out') ?? 0,
      stderrBytes: integer(fields, 'err') ?? 0,
      ...(why !== undefined && { endReason: why }),
      ...(reason !== undefined && { cancelReason: cleanServerText(reason, 200) }),
      ...(left !== undefined && { survivors: survivors(left) }),
      directory: cleanServerText(fields.get('dir') ?? ''),
      bootId: cleanServerText(fields.get('boot') ?? '', 100),
    },
    started: fields.get('new') === '1',
    ...(stdoutSha256 !== undefined && { stdoutSha256 }),
    ...(stderrSha256 !== undefined && { stderrSha256 }),
  };
}

function readFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  // A path may hold spaces, which is why it is the last.
  const [, pairs = '', directory] = /^(.*?)(?:(?:^| )dir=(.*))?$/s.exec(text) ?? [];
  const put = (key: string, value: string): void => {
    if (!KEYS.has(key) || fields.has(key)) throw protocolFault('a status with a field that is unknown or there twice');
    fields.set(key, value);
  };
  for (const pair of pairs.split(' ')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    if (at < 1) throw protocolFault('a status with a field that has no value');
    const value = pair.slice(at + 1);
    if (value !== '') put(pair.slice(0, at), value);
  }
  if (directory !== undefined) put('dir', directory);
  return fields;
}

function ending(fields: Map<string, string>): Pick<SshJobStatus, 'exitCode' | 'signal' | 'exitAmbiguous'> {
  const kind = fields.get('kind');
  if (kind === undefined || kind === 'U') return {};
  const code = integer(fields, 'code');
  if (code === undefined) throw protocolFault('an end without its code');
  if (kind === 'S') return { signal: signalName(code) };
  if (kind === 'E') return { exitCode: code };
  if (kind === 'A') return { exitCode: code, exitAmbiguous: true };
  throw protocolFault('an end of a kind that is none');
}

function integer(fields: Map<string, string>, key: string): number | undefined {
  const text = fields.get(key);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value))
    throw protocolFault(`a status with no number as ${key}`);
  return value;
}

function time(fields: Map<string, string>, key: string): string | undefined {
  const seconds = integer(fields, key);
  if (seconds === undefined) return undefined;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw protocolFault(`a status with no time as ${key}`);
  return date.toISOString();
}

function digest(fields: Map<string, string>, key: string): string | undefined {
  const text = fields.get(key);
  if (text !== undefined && !/^[0-9a-f]{64}$/.test(text)) throw protocolFault(`a status with no SHA-256 as ${key}`);
  return text;
}

function decoded(fields: Map<string, string>, key: string): string | undefined {
  const text = fields.get(key);
  return text === undefined ? undefined : decode(text);
}

function survivors(text: string): readonly string[] {
  return text === 'none' ? [] : text.split(',').map((name) => cleanServerText(decode(name), 100));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A name of a process may be cut, or be no UTF-8.
    return text;
  }
}

function isState(text: string): text is SshJobState {
  return (SSH_JOB_STATES as readonly string[]).includes(text);
}

function isEndReason(text: string): text is SshJobEndReason {
  return END_REASONS.includes(text);
}
