import assert from 'node:assert/strict';
import type { CatalogueRow } from '../row';
import {
  channelOpen,
  channelRequest,
  dataFor,
  extendedData,
  globalRequest,
  requestFailure,
  requestSuccess,
} from '../support/packets';
import { wireRow } from '../support/wire-row';

const run = { ends: 'failure', stage: 'run', commandMayHaveRun: true } as const;
const done = { ends: 'success' } as const;

/** What a server may say beside the command. */
export const RUN_NOISE_ROWS: readonly CatalogueRow[] = [
  wireRow({
    name: 'exec-unexpected-global-reply',
    what: 'replies to global requests that nobody has made',
    expect: done,
    script: () => ({
      onExec: (wire) => void wire.success().raw(requestSuccess()).raw(requestFailure()).exitStatus(0).eof().close(),
    }),
  }),
  wireRow({
    name: 'exec-data-unknown-channel',
    what: 'data for a channel that does not exist',
    expect: done,
    script: () => ({ onExec: (wire) => void wire.success().raw(dataFor(4242, 'whose?')).exitStatus(0).eof().close() }),
  }),
  wireRow({
    name: 'exec-data-unknown-kind',
    what: 'data of a kind that RFC 4254 does not know is neither output nor errors',
    expect: { ...run, type: 'SshExitStatus' },
    script: () => ({ onExec: (wire) => void wire.success().raw(extendedData(7, 'what?')).exitStatus(2).eof().close() }),
    check: ({ error }) => assert.deepEqual([error?.result?.stdoutBytes, error?.result?.stderrBytes], [0, 0]),
  }),
  wireRow({
    name: 'exec-server-opens-channel',
    what: 'the server opens channels that nobody asked for: they are refused',
    expect: done,
    script: () => ({
      onExec: (wire) => {
        wire.success();
        for (const type of ['forwarded-tcpip', 'x11', 'auth-agent@openssh.com', 'session']) wire.raw(channelOpen(type));
        wire.exitStatus(0).eof().close();
      },
    }),
  }),
  wireRow({
    name: 'exec-unknown-message',
    what: 'a message of a type that no RFC knows',
    expect: done,
    script: () => ({
      onExec: (wire) =>
        void wire
          .success()
          .raw(Buffer.from([110, 1, 2, 3]))
          .exitStatus(0)
          .eof()
          .close(),
    }),
  }),
  wireRow({
    name: 'exec-unknown-requests',
    what: 'requests of other servers while the command runs, with and without a wish for a reply',
    expect: done,
    script: () => ({
      onExec: (wire) =>
        void wire
          .success()
          .raw(channelRequest('eow@openssh.com'))
          .raw(channelRequest('xon-xoff', false, Buffer.from([1])))
          .raw(globalRequest('winadj@putty.projects.tartarus.org', true))
          .exitStatus(0)
          .eof()
          .close(),
    }),
  }),
  wireRow({
    name: 'exec-over-window',
    what: '8 MiB of output at once, without regard to the window: all of it is taken',
    expect: { ...run, type: 'SshExitStatus' },
    script: () => ({
      onExec: (wire) => {
        wire.success();
        for (let sent = 0; sent < 256; sent += 1) wire.data(Buffer.alloc(32_768, sent));
        wire.exitStatus(3).eof().close();
      },
    }),
    check: ({ error }) => assert.equal(error?.result?.stdoutBytes, 8 * 1024 * 1024),
  }),
];
