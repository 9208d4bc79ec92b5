import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { SshTransferWay } from '../../../contract';
import { uploadFile } from '../../../ssh/files/upload-file';
import { makeScratch } from '../../support/scratch';
import { startSshd } from '../../support/sshd';
import { openPool, shared } from '../pool/support';
import { PLAIN_SHELL, attempt, memorySource, upload } from './transfer-ground';

const REPLACEMENTS = 100;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Reads a file as often as it can, until it is told to stop; tells each content that is not of one letter and its length. */
const WATCHER = `
  const { readFileSync } = require('node:fs');
  const { parentPort, workerData } = require('node:worker_threads');
  let [reads, going] = [0, true];
  const wrong = [];
  const seen = new Set();
  parentPort.once('message', () => { going = false; });
  const look = () => {
    for (let turn = 0; turn < 50; turn += 1) {
      reads += 1;
      let text = 'nothing';
      try { text = readFileSync(workerData.path, 'latin1'); } catch (error) { text = error.code; }
      const [letter = ''] = text;
      const expected = workerData.lengths[letter];
      if (text.length === expected && text === letter.repeat(expected)) seen.add(letter);
      else wrong.push(text.length + ' bytes, beginning with ' + text.slice(0, 20));
    }
    if (going) setImmediate(look);
    else parentPort.postMessage({ reads, wrong: wrong.slice(0, 5), seen: seen.size });
  };
  look();
`;

/** What of each letter there is: files of quite different sizes. */
const lengths = Object.fromEntries([...LETTERS].map((letter, index) => [letter, 1 + (index % 7) * 150_000 + index]));

for (const via of ['sftp', 'exec'] as const satisfies readonly SshTransferWay[]) {
  describe(`a file that is replaced via ${via}`, () => {
    it('is the old one or the new one to whoever reads it', async (t) => {
      const sshd = await startSshd({ t, env: PLAIN_SHELL });
      const [pool, target] = [openPool(t), shared(sshd)];
      const path = join(makeScratch({ t }).path, 'target');
      const contentOf = (letter: string): string => letter.repeat(lengths[letter] ?? 0);
      writeFileSync(path, contentOf('a'));
      const watcher = new Worker(WATCHER, { eval: true, workerData: { path, lengths } });
      t.after(() => watcher.terminate());
      for (let index = 1; index <= REPLACEMENTS; index += 1) {
        const letter = LETTERS[index % LETTERS.length] ?? 'a';
        const source = memorySource(Buffer.from(contentOf(letter)));
        const { changed } = await uploadFile(pool, target, upload(source, path, { via }), attempt({ key: `${index}` }));
        assert.equal(changed, true);
      }
      const told = once(watcher, 'message');
      watcher.postMessage('stop');
      const [{ reads, wrong, seen }] = (await told) as [{ reads: number; wrong: string[]; seen: number }];
      assert.deepEqual(wrong, []);
      assert.ok(reads > REPLACEMENTS && seen > 1, `${reads} reads saw ${seen} contents`);
    });
  });
}
