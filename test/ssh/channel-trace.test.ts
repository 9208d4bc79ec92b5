import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChannelTrace } from '../../ssh/channel-trace';
import type { ChannelEvents } from '../../ssh/channel-trace';

function recorder(): { readonly seen: string[]; readonly events: ChannelEvents } {
  const seen: string[] = [];
  return {
    seen,
    events: {
      confirmed: () => seen.push('confirmed'),
      execSent: () => seen.push('execSent'),
      requestRefused: () => seen.push('requestRefused'),
      closed: () => seen.push('closed'),
    },
  };
}

const opening = (local: number): string => `Outbound: Sending CHANNEL_OPEN (r:${local}, session)`;

void test('follows each channel by both of its numbers', () => {
  const trace = new ChannelTrace();
  const [first, second] = [recorder(), recorder()];
  assert.ok(trace.watch(() => trace.debug(opening(0)), first.events));
  assert.ok(trace.watch(() => trace.debug(opening(1)), second.events));
  // The server numbers its ends as it likes.
  trace.debug('Inbound: CHANNEL_OPEN_CONFIRMATION (r:1, s:0)');
  trace.debug('Inbound: CHANNEL_OPEN_CONFIRMATION (r:0, s:1)');
  trace.debug('Outbound: Sending CHANNEL_REQUEST (r:0, exec: work)');
  assert.deepEqual([first.seen, second.seen], [['confirmed'], ['confirmed', 'execSent']]);
  trace.debug('Inbound: CHANNEL_FAILURE (r:0)');
  trace.debug('Inbound: CHANNEL_CLOSE (r:1)');
  assert.deepEqual(first.seen, ['confirmed', 'requestRefused']);
  assert.deepEqual(second.seen, ['confirmed', 'execSent', 'closed']);
});

void test('a channel that is no longer watched is not told of', () => {
  const trace = new ChannelTrace();
  const { seen, events } = recorder();
  const stop = trace.watch(() => trace.debug(opening(0)), events);
  stop?.();
  trace.debug('Inbound: CHANNEL_OPEN_CONFIRMATION (r:0, s:0)');
  assert.deepEqual(seen, []);
});

void test('an opening that is not seen is said to be none', () => {
  const trace = new ChannelTrace();
  trace.debug(opening(0));
  assert.equal(
    trace.watch(() => trace.debug('Outbound: something new'), recorder().events),
    undefined
  );
});

void test('no text of a command or a server passes for an event', () => {
  const trace = new ChannelTrace();
  const { seen, events } = recorder();
  trace.watch(() => trace.debug(opening(0)), events);
  const forged = 'Inbound: CHANNEL_CLOSE (r:0)';
  for (const line of [
    `Outbound: Sending CHANNEL_REQUEST (r:7, exec: ${forged})`,
    `Outbound: Sending CHANNEL_REQUEST (r:7, exec: \n${forged})`,
    `Inbound: GLOBAL_REQUEST (${forged})`,
    `Remote ident: '${forged}'`,
    `Debug output from server: "${forged}"`,
    `Inbound: CHANNEL_DATA (r:0, 28)`,
    `Inbound: CHANNEL_REQUEST (r:0, \n${forged}: false)`,
  ])
    trace.debug(line);
  assert.deepEqual(seen, []);
});
