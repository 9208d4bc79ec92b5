import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { startSshd } from '../../../support/sshd';
import { exec, targetOf } from '../../support/engine';
import type { CatalogueGround, CatalogueRow } from '../row';
import { shared } from '../support/shared';
import { onlyDeadlines, wireRow } from '../support/wire-row';

const sshd = shared(() => startSshd());

const MIB = 1024 * 1024;
const KEPT = 65_536;

/** 200 MiB, and less where all times are shorter. */
function bytesFor({ deadlines }: CatalogueGround): number {
  return Math.round((deadlines.run / 7_000) * 200) * MIB;
}

function sha256Of(bytes: number, piece: Buffer): string {
  const hash = createHash('sha256');
  let left = bytes;
  for (; left >= piece.length; left -= piece.length) hash.update(piece);
  return hash.update(piece.subarray(0, left)).digest('hex');
}

/** A command with very much output: all of it is counted and hashed, a little is kept. */
function bigRow(name: string, what: string, producer: string, piece: Buffer): CatalogueRow {
  return {
    name,
    what,
    expect: { ends: 'success' },
    arrange: async (ground) => {
      const target = targetOf(await sshd(ground.t));
      const bytes = bytesFor(ground);
      return {
        target,
        run: async () => {
          const deadlines = onlyDeadlines(ground, []);
          const result = await exec(target, `${producer} | head -c ${bytes}`, { deadlines });
          assert.equal(result.stdoutBytes, bytes);
          assert.equal(result.stdoutSha256, sha256Of(bytes, piece));
          assert.ok(result.truncated && result.stdout.length <= KEPT + 200, `${result.stdout.length} characters`);
          return result;
        },
      };
    },
  };
}

const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** Very much output, and output of every kind. */
export const BIG_OUTPUT_ROWS: readonly CatalogueRow[] = [
  bigRow('sshd-big-200m', '200 MiB of zeros', 'cat /dev/zero', Buffer.alloc(MIB)),
  bigRow(
    'exec-huge-stdout',
    '200 MiB of text: complete, in bounded memory',
    'yes 0123456789abcde',
    Buffer.from('0123456789abcde\n'.repeat(65_536))
  ),
  wireRow({
    name: 'exec-interleaved',
    what: 'every byte there is, on both streams, by turns',
    expect: { ends: 'failure', stage: 'run', type: 'SshExitStatus', commandMayHaveRun: true },
    script: () => ({
      onExec: (wire) => {
        wire.success();
        for (let turn = 0; turn < 200; turn += 1) wire.data(EVERY_BYTE).stderr(EVERY_BYTE).stderr(EVERY_BYTE);
        wire.exitStatus(6).eof().close();
      },
    }),
    check: ({ error }) => {
      const { stdoutBytes, stderrBytes, stdoutSha256, stderrSha256 } = error?.result ?? {};
      assert.deepEqual([stdoutBytes, stderrBytes], [200 * 256, 400 * 256]);
      assert.deepEqual(
        [stdoutSha256, stderrSha256],
        [sha256Of(200 * 256, EVERY_BYTE), sha256Of(400 * 256, EVERY_BYTE)]
      );
    },
  }),
];
