import assert from 'node:assert/strict';
import { CLIENT_IDENTIFICATION } from '../../../../ssh/read-identification';
import { startStoppedListener } from '../../../support/stopped-listener';
import { targetOf } from '../../support/engine';
import { repeat, startRawServer } from '../../support/raw-server';
import type { CatalogueGround, CatalogueRow, Expectation, Scene } from '../row';
import { assertOnlyIdentified, rawRow } from '../support/raw-row';
import { relaxed } from '../support/relaxed';

const timeout = {
  ends: 'failure',
  type: 'SshBannerTimeout',
  stage: 'banner',
  deadline: 'banner',
} as const satisfies Expectation;

/** A server that takes the connection and never identifies itself (RFC 4253 section 4.2). */
export const BANNER_ROWS: readonly CatalogueRow[] = [
  rawRow({
    name: 'banner-silent',
    what: 'the server accepts the connection and never speaks',
    expect: timeout,
    serve: () => undefined,
    check: async (script) => {
      await assertOnlyIdentified(script);
      assert.ok(script.received(0).equals(CLIENT_IDENTIFICATION), 'we identify ourselves unasked');
    },
  }),
  {
    name: 'banner-not-accepted',
    what: 'the kernel accepts the connection, the program never does',
    expect: timeout,
    arrange: async ({ t }) => ({ target: targetOf(await startStoppedListener({ t })) }),
  },
  rawRow({
    name: 'prebanner-slow-lines',
    what: 'a line of text again and again: each byte is late, none is missing',
    expect: { ...timeout, serverText: /^please wait/ },
    serve: (socket, { deadlines }) => repeat(socket, deadlines.banner / 5, () => 'please wait\r\n'),
  }),
  rawRow({
    name: 'banner-long-line-slow',
    what: '2 kB a second without a newline',
    expect: { ...timeout, serverText: /^z+(?:\.\.\.)?$/ },
    serve: (socket, { deadlines }) => repeat(socket, deadlines.banner / 40, () => 'z'.repeat(100)),
  }),
  rawRow({
    name: 'banner-unfinished',
    what: 'the identification without the end of its line, then silence',
    expect: { ...timeout, serverText: /^SSH-2\.0-OpenSSH_9\.9$/ },
    serve: (socket) => void socket.write('SSH-2.0-OpenSSH_9.9'),
  }),
  rawRow({
    name: 'banner-drip-for-ever',
    what: 'the identification byte by byte, slower than the deadline',
    expect: { ...timeout, serverText: /^S/ },
    serve: (socket, { deadlines }) => {
      const text = 'SSH-2.0-OpenSSH_9.9p1 Debian-3\r\n';
      let at = 0;
      return repeat(socket, deadlines.banner / 8, () => text[at++] ?? '');
    },
  }),
  rawRow({
    name: 'banner-blank-lines',
    what: 'empty lines at a slow pace: a console server that echoes key presses',
    expect: timeout,
    serve: (socket, { deadlines }) => repeat(socket, deadlines.banner / 20, () => '\r\n'),
  }),
  rawRow({
    name: 'banner-reads-nothing',
    what: 'the server neither reads nor writes: its receive window closes',
    expect: timeout,
    serve: (socket) => void socket.pause(),
    check: ({ sockets }) => {
      for (const socket of sockets) socket.resume();
      assert.equal(sockets.length, 1);
    },
  }),
  rawRow({
    name: 'banner-echo',
    what: 'a port that sends back what it gets: our own identification comes back, then our KEXINIT',
    expect: { ends: 'failure', type: 'SshProtocolError', stage: 'kex' },
    serve: (socket) => void socket.on('data', (chunk: Buffer) => socket.write(chunk)),
    check: ({ sockets }) => assert.equal(sockets.length, 1),
  }),
  {
    name: 'banner-cancel',
    what: 'the step is cancelled while it waits for the identification',
    expect: { ends: 'cancelled' },
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const { t } = ground;
      const cancel = new AbortController();
      const abort = (): void => cancel.abort(new Error('cancelled'));
      const script = await startRawServer(t, (socket) => void socket.once('data', abort));
      return {
        target: targetOf(script),
        deadlines: relaxed(ground, { ends: 'cancelled' }),
        options: { signal: cancel.signal },
        check: () => assertOnlyIdentified(script),
      };
    },
  },
];
