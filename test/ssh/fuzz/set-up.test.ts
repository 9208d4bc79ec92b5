import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SshError } from '../../../ssh/ssh-error';
import { assertNothingLeft } from '../../support/handles';
import { keyMethod, targetOf } from '../support/engine';
import { seededRandom } from '../support/seeded-random';
import type { SeededRandom } from '../support/seeded-random';
import { Tally, dialFuzzed, outcomeOf } from './fuzz-client';
import { startFuzzServer } from './fuzz-server';
import { mutate } from './identification-lines';
import { messages, mutatePayload, mutateSequence } from './payloads';
import type { Payload } from './payloads';
import { FUZZ_COUNT, inLanes } from './settings';

const LANES = 48;

/** A payload as a packet in the clear (RFC 4253 section 6). */
function frame(payload: Payload): Buffer {
  const gap = 8 - ((5 + payload.length) % 8);
  const padding = gap < 4 ? gap + 8 : gap;
  const packet = Buffer.alloc(5 + payload.length + padding);
  packet.writeUInt32BE(packet.length - 4);
  packet[4] = padding;
  packet.set(payload, 5);
  return packet;
}

function unframe(packet: Buffer): Payload {
  return packet.subarray(5, packet.length - (packet[4] ?? 0));
}

/** What becomes of the packets of one key exchange: KEXINIT, the reply, NEWKEYS, and what is encrypted after it. */
function kexMutation(random: SeededRandom): (packet: Buffer) => Buffer[] {
  const victim = random.pick([0, 0, 0, 1, 1, 1, 1, 2, 3]);
  let index = 0;
  let held: Buffer[] = [];
  return (packet) => {
    const before = held;
    held = [];
    if (index++ !== victim) return [packet, ...before];
    const payload = unframe(packet);
    switch (random.below(8)) {
      case 0:
        return [];
      case 1:
        return [packet, packet];
      case 2:
        held = [packet];
        return [];
      case 3:
        return [frame(messages(random, 0).unknown()), packet];
      case 4:
        return mutateSequence(random, [payload], 0).map(frame);
      case 5:
        return [mutate(random, packet)];
      default:
        return [frame(mutatePayload(random, payload))];
    }
  };
}

void test('mutated key exchanges: a typed failure, or a session with the host that was meant', async (t) => {
  const server = await startFuzzServer(t);
  const target = targetOf(server);
  const tally = new Tally();
  const count = FUZZ_COUNT;
  await assertNothingLeft(() =>
    inLanes(count, LANES, async (seed) => {
      const random = seededRandom(seed);
      const onClearPacket = kexMutation(random);
      const deadlines = { kex: 400, auth: 400 };
      const outcome = await outcomeOf(() => dialFuzzed(server, target, deadlines, { onClearPacket }), 800);
      tally.add(outcome);
      if (outcome instanceof SshError) {
        assert.equal(outcome.details.commandMayHaveRun, false);
        assert.match(outcome.details.stage, /^(?:kex|auth)$/);
      } else {
        assert.equal(outcome.connection.facts.hostKeyFingerprint, server.hostFingerprint);
        await outcome.connection.close();
      }
    })
  );
  t.diagnostic(`${count} key exchanges: ${tally.toString()}`);
});

void test('mutated logins: no session without a success, no crash, no hang', async (t) => {
  const server = await startFuzzServer(t);
  const auth = [keyMethod(server.clientKeyFile), { type: 'password', password: 'secret' } as const];
  const target = targetOf(server, { auth });
  const tally = new Tally();
  const count = FUZZ_COUNT;
  await assertNothingLeft(() =>
    inLanes(count, LANES, async (seed) => {
      const random = seededRandom(seed);
      const atOnce = random.below(2) === 0;
      let sentSuccess = false;
      let queue: Payload[] | undefined;
      const outcome = await outcomeOf(
        () =>
          dialFuzzed(
            server,
            target,
            { auth: 400 },
            {
              onAuth: (wire, { algorithm, key }) => {
                const { authBanner, authFailure, authSuccess, pkOk, passwordChange, infoRequest, extInfo } = messages(
                  random,
                  0
                );
                queue ??= mutateSequence(
                  random,
                  random.pick([
                    [authSuccess()],
                    [authBanner(), pkOk(algorithm, key), authSuccess()],
                    [authFailure(), authSuccess()],
                    [authFailure(), authBanner(), authFailure('')],
                    [authFailure(), passwordChange()],
                    [authFailure(), infoRequest(), extInfo(), authFailure()],
                  ]),
                  0
                );
                const now = atOnce ? queue.splice(0) : queue.splice(0, 1 + random.below(2));
                for (const payload of now) {
                  if (payload[0] === 52) sentSuccess = true;
                  wire.raw(payload);
                }
              },
            }
          ),
        400
      );
      tally.add(outcome);
      if (outcome instanceof SshError) {
        assert.equal(outcome.details.commandMayHaveRun, false);
        assert.equal(outcome.details.stage, 'auth');
      } else {
        assert.ok(sentSuccess, 'a session without a success');
        await outcome.connection.close();
      }
    })
  );
  assert.ok(count < 500 || tally.of('done') > 10);
  t.diagnostic(`${count} logins: ${tally.toString()}`);
});
