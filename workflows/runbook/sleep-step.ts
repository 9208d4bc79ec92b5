import { sleep } from '@temporalio/workflow';
import { parseDuration, parseMoment } from '../../contract';
import type { SshSleepStep } from '../../contract';

/** Waits as a step says: for a while, or until a moment, which may be over. */
export async function sleepStep({ sleep: until, name }: SshSleepStep): Promise<void> {
  const moment = parseMoment(until);
  const ms = moment === undefined ? parseDuration(until) : moment - Date.now();
  if (ms !== undefined && ms > 0) await sleep(ms, { summary: name });
}
