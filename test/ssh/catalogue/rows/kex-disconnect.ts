import { MESSAGE, disconnect, kexInit, message } from '../../support/packets';
import type { CatalogueRow, Expectation } from '../row';
import { identifiedRow } from '../support/raw-row';

type Type = Extract<Expectation, { readonly ends: 'failure' }>['type'];

/** A server that identifies itself, goes on with what is given, and closes. */
function row(name: string, what: string, type: Type, bytes: Uint8Array, serverText?: RegExp): CatalogueRow {
  const expect = { ends: 'failure', type, stage: 'kex', ...(serverText && { serverText }) } as const;
  return identifiedRow(name, what, expect, (socket) => void socket.end(bytes));
}

/** SSH_MSG_DISCONNECT (RFC 4253 section 11.1) before the login. */
export const KEX_DISCONNECT_ROWS: readonly CatalogueRow[] = [
  row(
    'disconnect-prekex-too-many',
    'reason 12, too many connections',
    'SshServerBusy',
    disconnect(12, 'Too many connections'),
    /^Too many connections$/
  ),
  row(
    'disconnect-prekex-busy-text',
    'reason 2 with the words of a server that is full',
    'SshServerBusy',
    disconnect(2, 'Maximum number of sessions reached'),
    /^Maximum number of sessions reached$/
  ),
  row(
    'disconnect-prekex-penalty',
    'reason 2 with the words of a penalty',
    'SshServerPenalty',
    disconnect(2, 'Not allowed at this time'),
    /^Not allowed at this time$/
  ),
  row(
    'disconnect-prekex-version',
    'reason 8, protocol version not supported',
    'SshVersionUnsupported',
    disconnect(8, 'Protocol version not supported'),
    /^Protocol version not supported$/
  ),
  row(
    'disconnect-kex-failed',
    'reason 3, key exchange failed, after KEXINIT',
    'SshNoCommonAlgorithms',
    Buffer.concat([kexInit(), disconnect(3, 'Key exchange failed')]),
    /^Key exchange failed$/
  ),
  row(
    'disconnect-kex-not-allowed',
    'reason 1, host not allowed to connect',
    'SshDisconnected',
    disconnect(1, 'Host not allowed to connect'),
    /^Host not allowed to connect$/
  ),
  row(
    'disconnect-kex-shutdown',
    'reason 11, by application: the host shuts down',
    'SshDisconnected',
    disconnect(11, 'Shutting down'),
    /^Shutting down$/
  ),
  row('disconnect-kex-no-text', 'reason 2 without a text', 'SshDisconnected', disconnect(2, '')),
  row(
    'disconnect-kex-unknown-reason',
    'a reason that RFC 4253 does not know',
    'SshDisconnected',
    disconnect(99, 'because'),
    /^because$/
  ),
  row('disconnect-kex-cut', 'SSH_MSG_DISCONNECT with nothing in it', 'SshProtocolError', message(MESSAGE.disconnect)),
  row(
    'disconnect-reason-huge',
    'a text of 30 kB with escape codes: cut and cleaned, cause included',
    'SshDisconnected',
    disconnect(2, `\x1b[31mred\r\n${'R'.repeat(30_000)}`),
    /^red R+\.\.\.$/
  ),
];
