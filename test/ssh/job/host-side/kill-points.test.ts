import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { requireProgram } from '../../../support/find-program';
import { LocalHost } from './local-host';
import { HOST_SHELLS } from './shells';

// All that change something on the host, and those that start its processes.
const PROGRAMS = ['mkdir', 'ln', 'mv', 'rm', 'rmdir', 'setsid', 'awk', 'date', 'ls', 'readlink', 'dd'];
const MOMENTS = ['before', 'after'] as const;
const VICTIMS = ['caller', 'starter'] as const;
const MOST_CALLS = 60;

/** Programs that count their calls, and at the one with the number KILL_AT kill somebody before or after their work. */
function killers(host: LocalHost): { path: string; calls: () => number; reset: () => void } {
  const path = join(host.scratch.path, 'killers');
  const calls = join(host.scratch.path, 'calls');
  mkdirSync(path);
  for (const program of PROGRAMS) {
    const file = join(path, program);
    writeFileSync(
      file,
      `#!${requireProgram('bash')}
PATH=\${PATH#*:}
export PATH
n=0
while ! /bin/mkdir "$KILL_CALLS/$n" 2>/dev/null; do n=$((n + 1)); done
victim=$PPID
[ "$KILL_WHOM" = caller ] || victim=$(cat "$KILL_CALLS.starter")
if [ "$n" = "$KILL_AT" ] && [ "$KILL_WHEN" = before ]; then 
  kill -9 "$victim"
  # Nobody is there who could take it for a failure.
  [ "$KILL_WHOM" = starter ] || exit 1
  KILL_AT=
fi
PATH=${path}:$PATH
if [ "$n" != "$KILL_AT" ]; then exec "$(PATH=\${PATH#*:} command -v ${program})" "$@"; fi
"$(PATH=\${PATH#*:} command -v ${program})" "$@"
code=$?
kill -9 "$victim"
exit $code
`
    );
    chmodSync(file, 0o755);
  }
  return {
    path,
    calls: () => readdirSync(calls).length,
    reset: () => {
      rmSync(calls, { recursive: true, force: true });
      mkdirSync(calls);
    },
  };
}

async function check(t: TestContext, op: 'run' | 'cancel' | 'cleanup', host: LocalHost): Promise<number> {
  const { path, calls, reset } = killers(host);
  let cases = 0;
  for (const when of MOMENTS) {
    for (const whom of VICTIMS) {
      for (let at = 0; at < MOST_CALLS; at += 1) {
        const id = `${op}-${when}-${whom}-${at}`;
        rmSync(host.counter, { force: true });
        if (op === 'cancel') await host.ask('start', id, { script: host.job('sleep 60') });
        if (op === 'cleanup') await host.ask('run', id, { script: host.job() });
        reset();
        const callsDirectory = join(host.scratch.path, 'calls');
        const env = { KILL_AT: String(at), KILL_WHEN: when, KILL_WHOM: whom, KILL_CALLS: callsDirectory };
        const script = host.job(op === 'cancel' ? 'sleep 60' : ':');
        const payload = `echo $$ > ${callsDirectory}.starter\n${host.payload(op, id, { script })}`;
        const child = host.spawn(payload, { path, env });
        child.stdout?.resume();
        child.stderr?.resume();
        await new Promise((resolve) => child.once('close', resolve));
        await judge(op, id, host);
        cases += 1;
        // Fewer calls than that: everything has had its turn.
        if (calls() <= at) break;
      }
    }
  }
  t.diagnostic(`${op}: ${cases} kills`);
  return cases;
}

/** Whoever was killed: the same request again comes to a right end, and the job has run once at most. */
async function judge(op: string, id: string, host: LocalHost): Promise<void> {
  const script = host.job(op === 'cancel' ? 'sleep 60' : ':');
  if (op === 'run') {
    const { status, error, text } = await host.ask('run', id, { script });
    assert.equal(error, undefined, `${id}: ${text}`);
    assert.ok(status && ['done', 'lost-supervisor'].includes(status.state), `${id}: ${text}`);
    assert.ok(host.runs <= 1, `${id} ran ${host.runs} times`);
    if (status.exitCode === 0) assert.equal(host.runs, 1, `${id}: ${text}`);
  } else if (op === 'cancel') {
    const { status, text } = await host.ask('cancel', id);
    assert.deepEqual(status?.survivors, [], `${id}: ${text}`);
    assert.ok(status && ['done', 'lost-supervisor'].includes(status.state), `${id}: ${text}`);
  }
  const cleaned = await host.ask('cleanup', id);
  assert.match(cleaned.text, / end\n$/, id);
  const before = host.runs;
  const late = await host.ask('run', id, { script });
  assert.equal(late.status?.state, 'gone', `${id}: ${late.text}`);
  assert.equal(host.runs, before, id);
  await host.quiet();
}

// BusyBox has its programs built in: nothing can be put in front of them.
for (const shell of HOST_SHELLS.filter(({ name }) => name !== 'BusyBox')) {
  // What differs between shells is most of all how a job is started.
  const operations = shell.name === 'dash' ? (['run', 'cancel', 'cleanup'] as const) : (['run'] as const);
  for (const op of operations) {
    void test(`${shell.name}: a kill before and after each program of ${op}`, { skip: shell.skip }, async (t) => {
      const cases = await check(t, op, new LocalHost(t, shell));
      assert.ok(cases > 10);
    });
  }
}
