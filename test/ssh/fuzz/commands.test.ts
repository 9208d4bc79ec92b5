import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SshExecResult } from '../../../contract';
import { runExec } from '../../../ssh/run-exec';
import { SshError } from '../../../ssh/ssh-error';
import { StageClock } from '../../../ssh/stage-clock';
import type { SshTarget } from '../../../ssh/target';
import { assertNothingLeft } from '../../support/handles';
import { PATIENT, request, targetOf } from '../support/engine';
import { seededRandom } from '../support/seeded-random';
import type { SeededRandom } from '../support/seeded-random';
import type { Wire } from '../support/wire-server';
import { Tally, dialFuzzed, outcomeOf } from './fuzz-client';
import type { FuzzConnection } from './fuzz-client';
import { startFuzzServer } from './fuzz-server';
import type { FuzzServer } from './fuzz-server';
import { messages, mutateSequence } from './payloads';
import type { Payload } from './payloads';
import { FUZZ_COUNT, inLanes } from './settings';

const LANES = 64;
const LIMITS = { channel: 150, exec: 150, run: 200, idle: 100 };
/** Of all limits, and of the time that a command is given to take notice of TERM. */
const LONGEST_MS = 1_200;
/** So that a connection that is broken in a way that nobody notices is not used for ever. */
const COMMANDS_A_CONNECTION = 50;

/** What the server did in one case. */
interface Served {
  readonly sent: Payload[];
}

type Stage = 'channel' | 'exec' | 'run';

/** How the server answers, and from where on it does not answer as it should. */
function behave(stage: Stage, random: SeededRandom, served: Served, received: Set<string>) {
  const answer = (wire: Wire, good: readonly Payload[], channel: number, at: Stage): void => {
    for (const payload of at === stage ? mutateSequence(random, good, channel) : good) {
      served.sent.push(payload);
      wire.raw(payload);
    }
  };
  const all = (channel: number) => messages(random, channel);
  return {
    onOpen: (wire: Wire, channel: number) => {
      const { confirm, openFailure, globalRequest, ignore } = all(channel);
      const good = random.pick([[confirm()], [globalRequest(), confirm(), ignore()], [openFailure()]]);
      answer(wire, stage === 'channel' ? good : [confirm()], channel, 'channel');
    },
    onExec: (wire: Wire, channel: number, command: string) => {
      received.add(command);
      const { success, failure, window, data, stderr, eof, close, exitStatus, exitSignal, channelRequest } =
        all(channel);
      const answers = stage === 'exec' ? random.pick([[success()], [window(), success()], [failure()]]) : [success()];
      const end = random.pick([
        [data(), stderr(), eof(), exitStatus(), close()],
        [exitStatus(), data(), eof(), close()],
        [stderr(), exitSignal(), eof(), close()],
        [data(), channelRequest(), window(), data(), exitStatus(), close()],
        [data(), eof(), close()],
      ]);
      if (stage === 'exec') return answer(wire, [...answers, ...end], channel, 'exec');
      answer(wire, answers, channel, 'exec');
      answer(wire, end, channel, 'run');
    },
  };
}

/** Whether the server said so, on that channel, in a packet that is in order. */
function saidStatus({ sent }: Served, channel: number, code: number): boolean {
  return sent.some((payload) => {
    const said = payload.length >= 25 && payload[0] === 98 && payload.subarray(9, 20).toString() === 'exit-status';
    return said && payload.readUInt32BE(1) === channel && payload.readUInt32BE(21) === code;
  });
}

function saidRefusal({ sent }: Served, channel: number): boolean {
  return sent.some((payload) => payload.length >= 5 && payload[0] === 100 && payload.readUInt32BE(1) === channel);
}

interface Lane {
  connection?: FuzzConnection;
  channel: number;
}

interface Setting {
  readonly server: FuzzServer;
  readonly target: SshTarget;
  readonly stage: Stage;
  readonly tally: Tally;
  /** The commands that the server was asked to execute. */
  readonly received: Set<string>;
}

/** Runs a command and checks what comes of it; returns whether it was sent. */
async function oneCommand(
  { server, target, tally, received, stage }: Setting,
  lane: Lane,
  seed: number
): Promise<boolean> {
  const random = seededRandom(seed);
  const command = `work ${seed}`;
  const served: Served = { sent: [] };
  if (!lane.connection || lane.connection.connection.lost || lane.channel >= COMMANDS_A_CONNECTION) {
    await lane.connection?.connection.close();
    lane.connection = await dialFuzzed(server, target, {}, {});
    lane.channel = 0;
  }
  const { connection, port } = lane.connection;
  const channel = lane.channel++;
  server.behaviours.set(port, behave(stage, random, served, received));
  let sent = false;
  const stdin = random.pick(['', 'short', 'y'.repeat(100_000)]);
  const outcome: SshExecResult | SshError = await outcomeOf(
    () =>
      runExec(connection, request(command, { stdin, pty: false, okExitCodes: [0, 1, 4] }), {
        clock: new StageClock(target, { ...PATIENT, ...LIMITS }),
        signal: undefined,
        onSent: () => (sent = true),
        attempt: 1,
        reused: false,
      }),
    LONGEST_MS
  );
  server.behaviours.set(port, {});
  tally.add(outcome);
  if (!(outcome instanceof SshError)) {
    assert.ok(sent, 'a success of a command that was not sent');
    assert.ok(saidStatus(served, channel, outcome.exitCode), `a success that was not said: ${outcome.exitCode}`);
    return true;
  }
  const { type, details } = outcome;
  if (type === 'SshExitStatus')
    assert.ok(saidStatus(served, channel, details.exitCode ?? -1), 'an exit status of nobody');
  if (type === 'SshExecRefused') assert.ok(saidRefusal(served, channel), 'a refusal of nobody');
  else assert.equal(details.commandMayHaveRun, sent, 'what is said about the command is whether it was sent');
  return sent;
}

for (const stage of ['channel', 'exec', 'run'] as const) {
  void test(`mutated answers, stage ${stage}: no success that was not said, no crash, no hang`, async (t) => {
    const server = await startFuzzServer(t);
    const target = targetOf(server);
    const tally = new Tally();
    const unsent: string[] = [];
    const received = new Set<string>();
    const count = FUZZ_COUNT;
    const free: Lane[] = [];
    const lanes: Lane[] = [];
    await assertNothingLeft(async () => {
      await inLanes(count, LANES, async (seed) => {
        const lane = free.pop() ?? lanes[lanes.push({ channel: 0 }) - 1] ?? { channel: 0 };
        const sent = await oneCommand({ server, target, tally, received, stage }, lane, seed);
        if (!sent) unsent.push(`work ${seed}`);
        free.push(lane);
      });
      for (const { connection } of lanes) await connection?.connection.close();
    });
    // Also not after the step was told that nothing was sent.
    assert.deepEqual(
      unsent.filter((command) => received.has(command)),
      []
    );
    assert.ok(count < 500 || tally.of('done') > 10);
    t.diagnostic(`${count} commands: ${tally.toString()}`);
  });
}
