import { writeSync } from 'node:fs';
import type { EventData } from 'node:test';
import { inspect } from 'node:util';

/** What a test process tells the runner, as one JSON object a line on file descriptor 3. */
export interface RunnerEvent {
  /** `dequeue` comes when a test begins to run, the others in the order of their definition, when it has ended. */
  readonly type: 'dequeue' | 'start' | 'pass' | 'fail';
  readonly name: string;
  readonly nesting: number;
  readonly suite: boolean;
  /** The reason of a skipped test; empty when it has none. */
  readonly skip?: string;
  /** Why it failed, readable. */
  readonly error?: string;
  /** The failure is only that a test below has failed. */
  readonly below?: boolean;
}

type ReporterEvent =
  | { readonly type: 'test:dequeue'; readonly data: EventData.TestDequeue }
  | { readonly type: 'test:start'; readonly data: EventData.TestStart }
  | { readonly type: 'test:pass'; readonly data: EventData.TestPass }
  | { readonly type: 'test:fail'; readonly data: EventData.TestFail };

function failure(error: Error): Pick<RunnerEvent, 'error' | 'below'> {
  const { failureType, cause } = error as Error & { failureType?: string };
  return {
    error: typeof cause === 'string' ? cause : inspect(cause ?? error),
    below: failureType === 'subtestsFailed',
  };
}

function translate({ type, data }: ReporterEvent): RunnerEvent | undefined {
  const { name, nesting } = data;
  if (type === 'test:dequeue') return { type: 'dequeue', name, nesting, suite: false };
  if (type === 'test:start') return { type: 'start', name, nesting, suite: false };
  if (type !== 'test:pass' && type !== 'test:fail') return undefined;
  return {
    type: type === 'test:pass' ? 'pass' : 'fail',
    name,
    nesting,
    suite: data.details.type === 'suite',
    ...(data.skip !== undefined && data.skip !== false && { skip: data.skip === true ? '' : data.skip }),
    ...(type === 'test:fail' && failure(data.details.error)),
  };
}

/** Written synchronously, so that a process that dies has told all that it knew. */
async function* eventReporter(source: AsyncIterable<ReporterEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    const translated = translate(event);
    if (translated !== undefined) writeSync(3, `${JSON.stringify(translated)}\n`);
  }
  yield '';
}

// Node takes the reporter from the module's value.
module.exports = eventReporter;
