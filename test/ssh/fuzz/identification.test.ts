import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { IdentificationParser } from '../../../ssh/identification-parser';
import { readIdentification } from '../../../ssh/read-identification';
import { connectSocket } from '../../../ssh/connect-socket';
import { SshError } from '../../../ssh/ssh-error';
import { StageClock } from '../../../ssh/stage-clock';
import { assertNothingLeft } from '../../support/handles';
import { startTcpScript } from '../../support/tcp-script';
import { PATIENT, targetOf } from '../support/engine';
import { parseIdentification } from '../support/parse-identification';
import { seededRandom } from '../support/seeded-random';
import { assertErrorFitForLogs } from './clean';
import { greeting } from './identification-lines';
import { FUZZ_COUNT, inLanes } from './settings';
import { reset } from '../../support/reset';

void test('mutated identifications: one outcome, however they are split', () => {
  const states = new Map<string, number>();
  const count = 10 * FUZZ_COUNT;
  let seed = 0;
  const one = (): void => {
    const random = seededRandom(seed);
    const bytes = greeting(random);
    const whole = parseIdentification([bytes]);
    states.set(whole.state, (states.get(whole.state) ?? 0) + 1);
    if (whole.state === 'complete') {
      assert.match(whole.said, /^SSH-(?:2\.0|1\.99)-[\x21-\x7e][\x20-\x7e]*$/);
      const begin = bytes.length - whole.rest.length;
      assert.ok(bytes.subarray(begin).toString('latin1').startsWith(whole.said), 'ssh2 gets the line as it came');
      assert.ok(begin === 0 || bytes[begin - 1] === 0x0a, 'a line begins after another');
    }
    assert.deepEqual(parseIdentification(random.split(bytes)), whole);
    if (bytes.length < 300)
      assert.deepEqual(parseIdentification(Array.from(bytes, (byte) => Buffer.from([byte]))), whole);
  };
  return inLanes(count, 1, async (caseOf) => {
    seed = caseOf;
    one();
    return Promise.resolve();
  }).then(() => {
    if (count < 1_000) return;
    // A generator of nothing but refusals would prove nothing.
    for (const state of ['complete', 'version', 'invalid', 'foreign', 'reading']) {
      assert.ok((states.get(state) ?? 0) > count / 200, `${state}: ${states.get(state)} of ${count}`);
    }
  });
});

void test('the same over sockets: an identification or a typed failure, within the deadline', async (t) => {
  const peers = new Map<number | undefined, (socket: Socket) => void>();
  const server = await startTcpScript(
    (socket) => {
      socket.on('end', () => socket.end());
      // The client's own number for the connection; one of us two comes first.
      const meet = (): void => {
        const greet = peers.get(socket.remotePort);
        if (greet) greet(socket);
        else if (!socket.destroyed) setImmediate(meet);
      };
      meet();
    },
    { t }
  );
  const target = targetOf(server);
  const seen = new Map<string, number>();
  await assertNothingLeft(() =>
    inLanes(FUZZ_COUNT, 64, async (seed) => {
      const random = seededRandom(seed);
      const bytes = greeting(random);
      const pieces = random.split(bytes).slice(0, 200);
      const end = random.below(4);
      const clock = new StageClock(target, { ...PATIENT, banner: 300 });
      const socket = await connectSocket(clock, undefined);
      const { localPort } = socket;
      peers.set(localPort, (peer) => {
        peers.delete(localPort);
        for (const piece of pieces) peer.write(piece);
        if (end === 0) peer.end();
        else if (end === 1) peer.write('', () => reset(peer));
      });
      const begin = performance.now();
      const outcome: unknown = await readIdentification(socket, clock, undefined).catch((error: unknown) => error);
      assert.ok(performance.now() - begin < 5_000, 'late');
      socket.destroy();
      if (typeof outcome === 'string') {
        seen.set('complete', (seen.get('complete') ?? 0) + 1);
        return;
      }
      if (!(outcome instanceof SshError)) throw new Error('no SshError', { cause: outcome });
      assert.equal(outcome.details.stage, 'banner');
      assert.equal(outcome.details.commandMayHaveRun, false);
      assertErrorFitForLogs(outcome);
      seen.set(outcome.type, (seen.get(outcome.type) ?? 0) + 1);
    })
  );
  t.diagnostic(JSON.stringify(Object.fromEntries(seen)));
});

void test('the time that a greeting costs grows with its length, however it drips', () => {
  // Lines of every length; what decides is the ratio within one run.
  const cost = (size: number): number => {
    let best = Infinity;
    for (let round = 0; round < 3; round += 1) {
      const parser = new IdentificationParser();
      const begin = performance.now();
      for (let at = 0; at < size; at += 1) parser.push(at % 4_000 === 3_999 ? LF : Z);
      best = Math.min(best, performance.now() - begin);
    }
    return best;
  };
  const [LF, Z] = [Buffer.from('\n'), Buffer.from('z')];
  cost(20_000);
  const ratio = cost(240_000) / cost(60_000);
  // Four for a linear one, sixteen for a quadratic one.
  assert.ok(ratio < 10, `four times the length cost ${ratio.toFixed(1)} times the time`);
});
