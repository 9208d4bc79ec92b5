import { startSshScript } from '../../../support/ssh-script';
import { targetOf } from '../../support/engine';
import { startRewritingFront } from '../../support/rewriting-front';
import type { FirstBytes } from '../../support/rewriting-front';
import type { CatalogueGround, CatalogueRow, Scene } from '../row';
import { runEngineProcess } from '../support/engine-process';
import { relaxed } from '../support/relaxed';
import type { OwnDeadlines } from '../support/relaxed';
import { checkScript, sshRow } from '../support/ssh-row';

const lineEnd = (bytes: Buffer): number => bytes.indexOf('\n', bytes.lastIndexOf('SSH-2.0-ssh2js')) + 1;

/** Writes pieces with a pause before each but the first, so that each has a segment of its own. */
function inPieces(pieces: readonly Buffer[], gapMs: number, write: (piece: Buffer) => void, done: () => void): void {
  const [first, ...rest] = pieces;
  if (first === undefined) return done();
  write(first);
  setTimeout(() => inPieces(rest, gapMs, write, done), gapMs);
}

/** The identification in so many pieces, then the rest; the whole takes a fifth of the deadline. */
function split(cutsOf: (end: number) => readonly number[]): (ground: CatalogueGround) => FirstBytes {
  return ({ deadlines }) =>
    (bytes, write, done) => {
      const end = lineEnd(bytes);
      const cuts = [0, ...cutsOf(end), end];
      const pieces = cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut));
      inPieces([...pieces, bytes.subarray(end)], deadlines.banner / 5 / cuts.length, write, done);
    };
}

/** Everything at once, after what the function puts before it. */
function prefixed(text: string): () => FirstBytes {
  return () => (bytes, write, done) => {
    write(Buffer.concat([Buffer.from(text, 'latin1'), bytes]));
    done();
  };
}

function row(
  name: string,
  what: string,
  first: (ground: CatalogueGround) => FirstBytes,
  deadlines?: OwnDeadlines
): CatalogueRow {
  return sshRow({
    name,
    what,
    expect: { ends: 'success' },
    ...(deadlines && { deadlines }),
    front: async (script, ground) => startRewritingFront(ground.t, script, first(ground)),
  });
}

/** A server whose identification comes in an unusual way, and counts. */
export const BANNER_SUCCESS_ROWS: readonly CatalogueRow[] = [
  row(
    'banner-late-within',
    'the identification comes late, inside the deadline',
    ({ deadlines }) =>
      (bytes, write, done) =>
        void setTimeout(() => {
          write(bytes);
          done();
        }, deadlines.banner),
    ({ banner }) => ({ banner: banner * 4 })
  ),
  row(
    'banner-drip-within',
    'the identification byte by byte',
    split((end) => Array.from({ length: end - 1 }, (_, index) => index + 1))
  ),
  row(
    'banner-split-2',
    'the identification in two segments',
    split((end) => [Math.floor(end / 2)])
  ),
  row(
    'banner-split-3',
    'the identification in three segments',
    split((end) => [Math.floor(end / 3), Math.floor((2 * end) / 3)])
  ),
  row(
    'banner-split-crlf',
    'CR and LF in different segments',
    split((end) => [end - 1])
  ),
  sshRow({
    name: 'banner-199',
    what: 'SSH-1.99, which means 2.0 and the old version as well (RFC 4253 section 5.1)',
    expect: { ends: 'success' },
    script: () => ({ signedIdentification: 'SSH-1.99-both' }),
    front: async (script, { t }) =>
      startRewritingFront(t, script, (bytes, write, done) => {
        write(Buffer.from(bytes.toString('latin1').replace(/^SSH-2\.0-[^\r]*/, 'SSH-1.99-both'), 'latin1'));
        done();
      }),
  }),
  row('banner-kexinit-coalesced', 'the identification and KEXINIT in one segment', prefixed('')),
  row('banner-lf-only', 'the line ends with LF only, as old servers have it', () => (bytes, write, done) => {
    const end = lineEnd(bytes);
    write(Buffer.concat([bytes.subarray(0, end - 2), bytes.subarray(end - 1)]));
    done();
  }),
  row('prebanner-1', 'one line of text before the identification (RFC 4253 section 4.2)', prefixed('welcome\r\n')),
  row('prebanner-50', '50 lines of text before the identification', prefixed('welcome to this host\r\n'.repeat(50))),
  row('prebanner-1023', 'as many lines before the identification as OpenSSH reads', prefixed('.\r\n'.repeat(1_023))),
  row(
    'prebanner-8k-line',
    'a line of 8,000 characters before the identification',
    prefixed(`${'w'.repeat(8_000)}\r\n`)
  ),
  row(
    'prebanner-contains-ssh',
    'a line with SSH-2.0- that does not begin with it',
    prefixed('this is SSH-2.0-nothing\r\n')
  ),
  row(
    'prebanner-busy-text-then-ok',
    'the text of a busy server as the first line of one that serves',
    prefixed('Exceeded MaxStartups\r\n')
  ),
  row(
    'prebanner-foreign-then-ok',
    'a greeting like that of another protocol before the identification',
    prefixed('220 mail.example ESMTP\r\nHTTP/1.1 200 OK\r\n\r\n')
  ),
  row(
    'prebanner-proxy-protocol',
    "a load balancer's PROXY line comes to the wrong side, before the identification",
    prefixed('PROXY TCP4 192.0.2.1 192.0.2.2 40000 22\r\n')
  ),
  {
    name: 'banner-worker-held-up',
    what: 'the identification comes in time, while the worker is held up past the deadline',
    expect: { ends: 'success' },
    elsewhere: true,
    arrange: async (ground: CatalogueGround): Promise<Scene> => {
      const { t, deadlines } = ground;
      const script = await startSshScript({ t });
      const { address, port, clientKeyFile, hostFingerprint } = script;
      const own: OwnDeadlines = ({ banner }) => ({ banner: banner / 4 });
      const plan = {
        server: { address, port, clientKeyFile, hostFingerprint },
        deadlines: relaxed(ground, { ends: 'success' }, own),
        heldUpMs: deadlines.banner,
      };
      return {
        target: targetOf(script),
        run: () => runEngineProcess({ t }, (...command) => command, plan),
        check: () => checkScript(script, 'success'),
      };
    },
  },
  row('prebanner-nul', 'NUL and escape codes in a line before the identification', prefixed('\0\x1b[2J\0\r\n')),
];
