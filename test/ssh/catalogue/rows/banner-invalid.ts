import { once } from 'node:events';
import { startTcpScript } from '../../../support/tcp-script';
import { targetOf } from '../../support/engine';
import { repeat } from '../../support/raw-server';
import type { CatalogueGround, CatalogueRow, Expectation, Scene } from '../row';
import { answer, assertOnlyIdentified, rawRow } from '../support/raw-row';

const invalid = { ends: 'failure', type: 'SshBannerInvalid', stage: 'banner' } as const satisfies Expectation;
const version = { ends: 'failure', type: 'SshVersionUnsupported', stage: 'banner' } as const satisfies Expectation;
const BINARY = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

/** An identification, or what comes before it, that breaks RFC 4253 section 4.2. */
export const BANNER_INVALID_ROWS: readonly CatalogueRow[] = [
  rawRow({
    name: 'prebanner-5000',
    what: '5,000 lines and no identification',
    expect: { ...invalid, message: /1024 lines/ },
    serve: answer('a line\r\n'.repeat(5_000), 'fin'),
  }),
  rawRow({
    name: 'prebanner-endless',
    what: 'endless fast lines: neither time nor memory is given to them',
    expect: { ...invalid, message: /1024 lines/ },
    serve: (socket) => repeat(socket, 1, () => 'hello\r\n'.repeat(100)),
  }),
  rawRow({
    name: 'prebanner-long-lines',
    what: '256 KiB in lines of 8,000 characters',
    expect: { ...invalid, message: /256 KiB/ },
    serve: answer(`${'q'.repeat(7_998)}\r\n`.repeat(40), 'open'),
  }),
  rawRow({
    name: 'banner-long-line-1m',
    what: '1 MiB without a newline, then silence',
    expect: { ...invalid, message: /over 8 KiB/ },
    serve: answer('z'.repeat(1024 * 1024), 'open'),
  }),
  rawRow({
    name: 'banner-version-too-long',
    what: 'an identification of 9,000 characters (RFC 4253: 255)',
    expect: { ...invalid, message: /over 8 KiB/ },
    serve: answer(`SSH-2.0-${'x'.repeat(9_000)}\r\n`, 'open'),
  }),
  rawRow({
    name: 'banner-ssh1',
    what: 'a server of SSH 1.5 only',
    expect: { ...version, message: /another version of SSH \(SSH-1\.5-OpenSSH_3\.0\)/ },
    serve: answer('SSH-1.5-OpenSSH_3.0\n', 'fin'),
  }),
  rawRow({
    name: 'banner-ssh3',
    what: 'a server of a version to come',
    expect: { ...version, message: /SSH-3\.0-future/ },
    serve: answer('SSH-3.0-future\r\n', 'open'),
  }),
  {
    name: 'banner-ssh1-ignore-fin',
    what: 'SSH 1.5, and the server never closes its side: ours is gone all the same',
    expect: version,
    arrange: async ({ t }: CatalogueGround): Promise<Scene> => {
      const script = await startTcpScript((socket) => void socket.write('SSH-1.5-old\n'), { t });
      const check = async (): Promise<void> => {
        const socket = await script.connection(0);
        if (!socket.readableEnded && !socket.destroyed) await once(socket, 'end');
        await assertOnlyIdentified(script);
      };
      return { target: targetOf(script), check };
    },
  },
  rawRow({
    name: 'banner-invalid-short',
    what: 'a line that begins with SSH- and is no identification',
    expect: { ...invalid, message: /is no identification/ },
    serve: answer('SSH-\r\n', 'open'),
  }),
  rawRow({
    name: 'banner-no-software',
    what: 'an identification without the name of the software',
    expect: { ...invalid, message: /is no identification/ },
    serve: answer('SSH-2.0-\r\n', 'open'),
  }),
  rawRow({
    name: 'banner-binary-garbage',
    what: 'bytes 0 to 255, then FIN',
    expect: invalid,
    serve: answer(BINARY, 'fin'),
  }),
  rawRow({
    name: 'banner-binary-open',
    what: 'bytes 0 to 255, then silence: what a proprietary protocol may do',
    expect: { ...invalid, deadline: 'banner' },
    deadlines: ({ banner }) => ({ banner: banner * 2 }),
    serve: answer(BINARY, 'open'),
  }),
  rawRow({
    name: 'banner-zeros',
    what: 'zeros: a serial line or a broken middlebox',
    expect: invalid,
    serve: answer(Buffer.alloc(64), 'fin'),
  }),
  rawRow({
    name: 'banner-utf8',
    what: 'an identification that is not US-ASCII, of which no two sides sign the same bytes',
    expect: { ...invalid, message: /not US-ASCII/ },
    serve: answer('SSH-2.0-Größe\r\n', 'open'),
  }),
  rawRow({
    name: 'banner-escape-codes',
    what: 'an escape code in the identification',
    expect: { ...invalid, message: /not US-ASCII/ },
    serve: answer('SSH-2.0-\x1b[31mred\r\n', 'open'),
  }),
];
