import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import { SSH_FAILURE_TYPES, isSshFailureType } from '../../contract';
import { SSH_METRICS } from '../../worker';
import { codeBlocks } from '../docs/operations-document';
import type { Sample } from '../support/prometheus';
import { makeScratch } from '../support/scratch';
import { startSshd } from '../support/sshd';
import { fin, send, startTcpScript } from '../support/tcp-script';
import { startTemporal } from '../support/temporal';
import { hostConfig } from '../activities/mock-step';
import { startDocumentedWorker } from './documented-worker';
import { noTemporal } from './ground';

const FORGED = '2026-01-01T00:00:00.000Z [ERROR] forged';

interface Observed {
  readonly samples: readonly Sample[];
  /** Before a file was put. */
  readonly counted: readonly Sample[];
  readonly log: string;
}

/** What a worker of the documents has counted, and logged, after steps of every kind. */
async function observe(t: TestContext, metrics?: string): Promise<Observed> {
  const temporal = await startTemporal({ t });
  const sshd = await startSshd({ t });
  const stranger = await startSshd({ t });
  const busy = await startTcpScript(
    (socket) => void send(socket, `Exceeded MaxStartups\n${FORGED}\r\n`).then(() => fin(socket)),
    { t }
  );
  const web = hostConfig(sshd, { user: sshd.user });
  const { path: directory, write } = makeScratch({ t });
  const hosts = write(
    'hosts.json',
    JSON.stringify({
      hosts: {
        'web-1': web,
        'busy-1': { ...web, port: busy.port },
        // It does not know this key.
        'closed-1': { ...web, port: stranger.port, hostKey: stranger.hostFingerprint },
      },
    })
  );
  const taskQueue = temporal.taskQueue();
  const worker = await startDocumentedWorker(
    { address: temporal.address, taskQueue, hosts, ...(metrics !== undefined && { metrics }) },
    { t }
  );
  const atStart = await worker.scrape();
  for (const type of SSH_FAILURE_TYPES) {
    assert.equal(valueOf(atStart, 'temporal_ssh_attempts', { outcome: type }), 0, type);
  }
  const step = async (host: string, command: string, options = {}): Promise<unknown> =>
    temporal.client.workflow
      .execute('step', {
        taskQueue,
        workflowId: `${host}-${Math.random()}`,
        args: [host, {}, command, { retry: { maximumAttempts: 1 }, ...options }],
        workflowExecutionTimeout: '60s',
      })
      .catch(() => undefined);
  // Together, so that all but one wait for a connection that is being set up.
  await Promise.all([1, 2, 3].map((n) => step('web-1', `echo ${n}; echo error >&2`, { stdin: 'input' })));
  await step('web-1', 'exit 3');
  await step('web-1', 'sleep 30', { timeouts: { run: 300 } });
  await step('busy-1', 'true');
  await step('busy-1', 'true');
  await step('closed-1', 'true');
  const counted = await worker.scrape();
  await temporal.client.workflow.execute('sshTransfer', {
    ...{ taskQueue, workflowId: 'put', workflowExecutionTimeout: '60s' },
    args: [{ host: 'web-1', putFile: { to: join(directory, 'file'), content: 'twelve bytes' } }],
  });
  const samples = await worker.scrape();
  await worker.stop();
  return { samples, counted, log: worker.log() };
}

function valueOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>>): number {
  const found = samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value)
  );
  return found.length === 0 ? NaN : found.reduce((sum, { value }) => sum + value, 0);
}

/** The samples of a metric, by the names that Prometheus gives to its parts. */
function samplesOf(samples: readonly Sample[], name: string, kind: string): readonly Sample[] {
  const parts = kind === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  return parts.flatMap((part) => {
    const found = samples.filter((sample) => sample.name === name + part);
    assert.ok(found.length > 0, `${name}${part} is not in the scrape`);
    return found;
  });
}

it('metrics of a worker', { skip: noTemporal, timeout: 240_000 }, async (t) => {
  const seen = await observe(t);
  const { samples: tagged } = await observe(t, '{ hostTag: true }');

  await t.test('each has its documented name and tags, and no others', () => {
    for (const [name, { kind, tags }] of Object.entries(SSH_METRICS)) {
      for (const { labels } of samplesOf(seen.samples, name, kind)) {
        const own = Object.keys(labels).filter((label) => label !== 'le' && label !== 'service_name');
        assert.deepEqual(own.sort(), [...tags].sort(), name);
      }
    }
    const ours = new Set(seen.samples.map(({ name }) => name).filter((name) => name.startsWith('temporal_ssh_')));
    for (const name of ours) assert.ok(name.replace(/_(bucket|sum|count)$/, '') in SSH_METRICS, name);
  });

  await t.test('they count what happened', () => {
    const value = (name: string, labels = {}): number => valueOf(seen.counted, name, labels);
    const outcomes = { success: 3, SshExitStatus: 1, SshOutcomeUnknown: 1, SshServerBusy: 1, SshHostCoolingDown: 1 };
    for (const [outcome, count] of Object.entries({ ...outcomes, SshAuthFailed: 1, cancelled: 0 })) {
      assert.equal(value('temporal_ssh_attempts', { outcome }), count, outcome);
    }
    assert.equal(valueOf(seen.samples, 'temporal_ssh_file_bytes', { direction: 'to-host' }), 12);
    assert.equal(value('temporal_ssh_failures', { type: 'SshServerBusy', stage: 'banner' }), 1);
    assert.equal(value('temporal_ssh_failures', { type: 'SshAuthFailed', stage: 'auth' }), 1);
    assert.equal(value('temporal_ssh_failures', { type: 'SshRunTimeout', stage: 'run' }), 1);
    assert.equal(value('temporal_ssh_stage_duration_count', { stage: 'auth' }), 1);
    assert.equal(value('temporal_ssh_stage_duration_count', { stage: 'connect' }), 3);
    assert.equal(value('temporal_ssh_stage_duration_count', { stage: 'exec' }), 5);
    // The one that was cut off did not end well.
    assert.equal(value('temporal_ssh_stage_duration_count', { stage: 'run' }), 4);
    assert.equal(value('temporal_ssh_bytes', { stream: 'stdout' }), 6);
    assert.equal(value('temporal_ssh_bytes', { stream: 'stderr' }), 18);
    assert.equal(value('temporal_ssh_bytes', { stream: 'stdin' }), 15);
    assert.equal(value('temporal_ssh_connections_closed', { reason: 'unsound' }), 1);
    assert.equal(value('temporal_ssh_connections_open'), 0);
    assert.equal(value('temporal_ssh_connections_in_use'), 0);
    assert.equal(value('temporal_ssh_cool_down_duration_count', { what: 'host', type: 'SshServerBusy' }), 1);
    assert.equal(value('temporal_ssh_cool_down_duration_count', { what: 'credential', type: 'SshAuthFailed' }), 1);
    assert.equal(value('temporal_ssh_turned_away', { what: 'host' }), 1);
    assert.ok(value('temporal_ssh_wait_duration_count', { reason: 'shared-set-up' }) >= 1);
  });

  await t.test('no name of a host is a label, but with hostTag', () => {
    const holding = (samples: readonly Sample[]): readonly Sample[] =>
      samples.filter(({ labels }) => Object.values(labels).some((value) => /web-1|busy-1|closed-1/.test(value)));
    assert.deepEqual(holding(seen.samples), []);
    const names = new Set(holding(tagged).map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')));
    const ofHosts = Object.entries(SSH_METRICS).filter(([, { ofHost }]) => ofHost);
    assert.deepEqual([...names].sort(), ofHosts.map(([name]) => name).sort());
    assert.equal(valueOf(tagged, 'temporal_ssh_failures', { host: 'busy-1', type: 'SshServerBusy' }), 1);
  });

  await t.test('the alerts use metrics, labels and failure types that exist', () => {
    const [block = ''] = codeBlocks(readFileSync(resolve('docs/operations.md'), 'utf8'), 'yaml');
    const { groups } = parse(block) as {
      readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    assert.ok(rules.length >= 10);
    const types = new Set<string>();
    for (const { alert, expr } of rules) {
      const selectors = [...expr.matchAll(/\b(temporal_\w+)(?:\{([^}]*)\})?/g)];
      assert.ok(selectors.length > 0 || expr.startsWith('up{'), alert);
      for (const [, name = '', matchers = ''] of selectors) {
        const found = seen.samples.filter((sample) => sample.name === name);
        assert.ok(found.length > 0, `${alert}: ${name} is not in the scrape`);
        for (const [, label = '', values = ''] of matchers.matchAll(/(\w+)=~?"([^"]*)"/g)) {
          assert.ok(
            found.some(({ labels }) => label in labels),
            `${alert}: ${name} has no label ${label}`
          );
          for (const value of values.split('|')) {
            if (label === 'outcome') assert.ok(isSshFailureType(value), `${alert}: ${value}`);
            else if (label !== 'reason') {
              assert.ok(
                found.some(({ labels }) => labels[label] === value),
                `${alert}: no ${label}="${value}"`
              );
            }
            types.add(value);
          }
        }
      }
    }
    assert.ok(types.has('SshOutcomeUnknown') && types.has('SshHostKeyMismatch'));
  });

  await t.test('the log names a retryable failure once, with fields, and no server can forge a line', () => {
    const lines = seen.log.split('\n');
    assert.deepEqual(
      lines.filter((line) => line.startsWith(FORGED.slice(0, 12))),
      []
    );
    assert.ok(seen.log.includes('forged'), 'what the server said is in the failure');
    const own = seen.log.split('[INFO] SSH step failed; it can be tried again').slice(1);
    assert.equal(own.length, 1, seen.log);
    const [fields = ''] = (own[0] ?? '').split(/\n\d{4}-/);
    for (const field of [
      /type: 'SshServerBusy'/,
      /stage: 'banner'/,
      /host: 'busy-1'/,
      /attempt: 1/,
      /nextDelayMs: \d+/,
    ]) {
      assert.match(fields, field);
    }
    assert.ok(!fields.includes('MaxStartups'));
  });
});
