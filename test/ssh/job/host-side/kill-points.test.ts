import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { requireProgram } from '../../../support/find-program';
import { FaultHost } from '../support/fault-host';
import { localTransport } from '../support/local-transport';
import { SHELLS, makeSetUp, setUpSkipReason } from '../support/set-up';

// All that change something on the host, and those that start its processes.
const PROGRAMS = ['mkdir', 'ln', 'mv', 'rm', 'rmdir', 'setsid', 'awk', 'date', 'ls', 'readlink', 'dd'];
const MOMENTS = ['before', 'after'] as const;
const VICTIMS = ['caller', 'starter'] as const;
const MOST_CALLS = 60;
// Whoever was killed does not begin any more.
const PATIENCE = 1_000;

/** Programs that count their calls, and at the one with the number KILL_AT kill somebody before or after their work. */
function killers(host: FaultHost): { path: string; calls: () => number; reset: () => void } {
  const path = join(host.scratch, 'killers');
  const calls = join(host.scratch, 'calls');
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

async function check(t: TestContext, op: 'run' | 'cancel' | 'cleanup', host: FaultHost): Promise<number> {
  const { path, calls, reset } = killers(host);
  let cases = 0;
  for (const when of MOMENTS) {
    for (const whom of VICTIMS) {
      for (let at = 0; at < MOST_CALLS; at += 1) {
        const id = `${op}-${when}-${whom}-${at}`;
        rmSync(join(host.scratch, 'count'), { force: true });
        if (op === 'cancel') await host.request('start', id, { script: host.counted('sleep 60') });
        if (op === 'cleanup') await host.request('run', id, { script: host.counted() });
        reset();
        const callsDirectory = join(host.scratch, 'calls');
        const env = { KILL_AT: String(at), KILL_WHEN: when, KILL_WHOM: whom, KILL_CALLS: callsDirectory };
        const script = host.counted(op === 'cancel' ? 'sleep 60' : ':');
        const before = `echo $$ > ${callsDirectory}.starter\n`;
        const set = { ...env, SET_UP_PATH: `${path}:${host.setUp.path}` };
        await host.request(op, id, { script, patience: PATIENCE }, { before, env: set });
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
async function judge(op: string, id: string, host: FaultHost): Promise<void> {
  const script = host.counted(op === 'cancel' ? 'sleep 60' : ':');
  const ends = ['done', 'lost-supervisor'];
  if (op === 'run') {
    const { fields, error, text } = await host.request('run', id, { script, patience: PATIENCE });
    assert.equal(error, undefined, `${id}: ${text}`);
    assert.ok(ends.includes(fields['state'] ?? ''), `${id}: ${text}`);
    assert.ok(host.count <= 1, `${id} ran ${host.count} times`);
    if (fields['kind'] === 'E' && fields['code'] === '0') assert.equal(host.count, 1, `${id}: ${text}`);
  } else if (op === 'cancel') {
    const { fields, text } = await host.request('cancel', id);
    assert.equal(fields['left'], 'none', `${id}: ${text}`);
    assert.ok(ends.includes(fields['state'] ?? ''), `${id}: ${text}`);
  }
  const cleaned = await host.request('cleanup', id);
  assert.ok(cleaned.ended, `${id}: ${cleaned.text}`);
  const before = host.count;
  const late = await host.request('run', id, { script });
  assert.equal(late.fields['state'], 'gone', `${id}: ${late.text}`);
  assert.equal(host.count, before, id);
  await host.assertQuiet();
}

// BusyBox has its programs built in: nothing can be put in front of them.
for (const shell of SHELLS.filter((name) => name !== 'busybox')) {
  // What differs between shells is most of all how a job is started.
  const operations = shell === 'dash' ? (['run', 'cancel', 'cleanup'] as const) : (['run'] as const);
  for (const op of operations) {
    void test(
      `${shell}: a kill before and after each program of ${op}`,
      { skip: setUpSkipReason(shell) },
      async (t) => {
        const cases = await check(t, op, new FaultHost(t, localTransport(makeSetUp({ t, shell }))));
        assert.ok(cases > 10);
      }
    );
  }
}
