/** One workflow that is run and recorded. */
export interface Recording {
  readonly workflow:
    | 'sshCommand'
    | 'sshJobRun'
    | 'sshTransfer'
    | 'jobsInTurn'
    | 'release'
    | 'waitForBox'
    | 'healthyBox'
    | 'rebootBox'
    | 'held'
    | 'sshHostGate'
    | ReadyMade;
  readonly args: readonly unknown[];
  readonly cancel?: boolean;
  /** On a server that suggests early to continue as new; recorded is the first run. */
  readonly continued?: boolean;
  /** Child workflows to record too, by the ends of their ids. */
  readonly children?: Readonly<Record<string, string>>;
}

const command = (options: object): Recording => ({ workflow: 'sshCommand', args: [{ host: 'web-1', ...options }] });

const job = (options: object): Recording => ({ workflow: 'sshJobRun', args: [{ host: 'web-1', ...options }] });

const transfer = (spec: object): Recording => ({ workflow: 'sshTransfer', args: [{ host: 'web-1', ...spec }] });

/** Those of the release. */
export const STEPS = [
  { command: 'stop', undo: 'start' },
  { command: 'install', undo: 'remove' },
];

type ReadyMade = 'sshRunbook' | 'sshRollout' | 'sshMaintenance';

const exec = (name: string, undo?: string): object => ({ name, exec: name, ...(undo && { undo: { exec: undo } }) });

const runbook = (steps: readonly object[], more: Partial<Recording> = {}): Recording => ({
  workflow: 'sshRunbook',
  args: [{ name: 'recorded', hosts: ['web-1'], steps }, { gate: false }],
  ...more,
});

const fleet = (workflow: ReadyMade, parts: object, more: Partial<Recording> = {}, hosts = ['web-1', 'web-2']): Recording => ({
  workflow,
  args: [{ name: 'recorded', hosts, drain: [exec('drain')], restore: [exec('restore')], ...parts }, { gate: false }],
  ...more,
});

const rollout = (change: object, more?: Partial<Recording>, hosts?: string[]): Recording =>
  fleet('sshRollout', { change: [change], check: [{ name: 'check', healthy: 'probe', every: '1s' }] }, more, hosts);

const maintenance = (work: string, more?: Partial<Recording>, parts: object = {}): Recording =>
  fleet('sshMaintenance', { job: [{ name: 'work', job: work }], ...parts }, more);

const MANY = Array.from({ length: 400 }, (_, index) => `web-${index}`);

/** All of them, by the names of their files. */
export const RECORDINGS: Readonly<Record<string, Recording>> = {
  'ssh-transfer-upload': transfer({ upload: { from: 'builds:app.tgz', to: '/opt/app.tgz', mode: '0644', deadline: '1h' } }),
  'ssh-transfer-download': transfer({ download: { from: '/var/log/app', to: { root: 'logs', path: '{host}.log' } } }),
  'ssh-transfer-put-file': transfer({ putFile: { to: '/etc/motd', content: '{{a}}', values: { a: { secret: 's' } } } }),
  'ssh-transfer-sync': transfer({ sync: { from: 'site:public', to: '/srv/www', delete: true, timeouts: { run: '1h' } } }),
  'ssh-transfer-invalid-options': transfer({ upload: { from: 'x', to: '/opt/' } }),
  'runbook-files': runbook([
    { name: 'bring', upload: { from: 'builds:app.tgz', to: '/opt/app.tgz' }, undo: { exec: 'rm /opt/app.tgz' } },
    { name: 'configure', putFile: { to: '/etc/app', content: 'a' } },
    { name: 'site', sync: { from: 'site:.', to: '/srv/www' } },
    { name: 'log', download: { from: '/var/log/app', to: 'logs:{host}' } },
  ]),
  'ssh-command-success': command({ command: ['systemctl', 'restart', 'app'], timeouts: { run: '1m' }, env: { A: 'b' } }),
  'ssh-command-failure': command({ command: 'fail', idempotent: true }),
  'ssh-command-invalid-options': command({ command: 'x', retry: { maximumAttempts: 0 } }),
  'ssh-command-retried': command({ command: 'busy at first', retry: { initialInterval: '1s' }, deadline: '1h' }),
  'ssh-command-cancelled': { ...command({ command: 'hang', heartbeatTimeout: '5s' }), cancel: true },
  'ssh-command-once': command({ command: 'switch over', once: true, timeouts: { run: '1m' } }),
  'ssh-command-once-cancelled': { ...command({ command: 'hang', once: true, heartbeatTimeout: '5s' }), cancel: true },
  'ssh-job-success': job({ command: './migrate.sh', lease: '1h', env: { A: 'b' } }),
  'ssh-job-failure': job({ command: 'fail' }),
  'ssh-job-invalid-options': job({ command: 'x', lease: '1s' }),
  'ssh-job-polled': job({ command: './migrate.sh', follow: 'poll', pollInterval: '1s' }),
  'ssh-job-cancelled': { ...job({ command: 'hang', heartbeatTimeout: '5s' }), cancel: true },
  'ssh-job-attached': job({ id: 'nightly' }),
  'jobs-in-turn': { workflow: 'jobsInTurn', args: [['build', 'test']] },
  'wait-reachable': { workflow: 'waitForBox', args: [{ every: '1s', timeouts: { banner: '1m' } }] },
  'wait-deadline': { workflow: 'waitForBox', args: [{ deadline: '2s', notBootId: 'never' }] },
  'wait-deadline-in-look': { workflow: 'waitForBox', args: [{ deadline: '3s', notBootId: 'hang' }] },
  'healthy-success': { workflow: 'healthyBox', args: ['probe', { every: '1s', soak: '1s' }] },
  'healthy-deadline': { workflow: 'healthyBox', args: ['fail', { deadline: '2s' }] },
  'reboot-success': { workflow: 'rebootBox', args: [{ command: ['reboot'], delay: '1s' }] },
  'reboot-command-failed': { workflow: 'rebootBox', args: [{ command: 'fail' }] },
  'release-success': { workflow: 'release', args: [STEPS] },
  'release-undone': { workflow: 'release', args: [[...STEPS, { command: 'fail', undo: 'clean up' }]] },
  'release-undo-failed': { workflow: 'release', args: [[{ command: 'stop', undo: 'fail' }], 'throw'] },
  'gate-held': { workflow: 'held', args: ['web-1', { timeout: '1h', gate: { idle: 500 } }, 'install'] },
  'gate-held-failure': { workflow: 'held', args: ['web-2', {}, 'fail'] },
  'gate-held-cancelled': { workflow: 'held', args: ['web-3', {}, 'hang'], cancel: true },
  // Of what `gate-held` has started, when it has ended.
  'ssh-host-gate/web-1': { workflow: 'sshHostGate', args: [] },
  'release-cancelled': { workflow: 'release', args: [STEPS, 'wait'], cancel: true },
  'runbook-success': {
    workflow: 'sshRunbook',
    args: [
      {
        name: 'recorded',
        hosts: ['web-4', 'web-5'],
        steps: [
          exec('stop', 'start'),
          { name: 'work', job: './work' },
          { name: 'well', healthy: 'probe', every: '1s' },
          { name: 'rest', sleep: '1s' },
          { name: 'anew', reboot: 'reboot', hosts: ['web-4'] },
          { ...exec('late'), when: { step: 'stop', state: 'failed' } },
        ],
      },
    ],
  },
  'runbook-compensated': runbook([exec('stop', 'start'), exec('install', 'remove'), exec('fail')]),
  'runbook-cancelled': runbook([exec('stop', 'start'), exec('hang', 'unhang')], { cancel: true }),
  'runbook-continued': runbook([exec('a', 'a-'), exec('b', 'b-'), exec('c', 'c-'), exec('d')], { continued: true }),
  'rollout-success': rollout(exec('change', 'unchange'), { children: { '.1': 'fleet-batch-success' } }),
  'rollout-rolled-back': rollout(
    { ...exec('fail', 'unchange'), when: { step: 'drain', exitCode: 0 } },
    { children: { '.1': 'fleet-batch-undone' } }
  ),
  'rollout-cancelled': rollout(exec('hang', 'unchange'), { cancel: true, children: { '.1': 'fleet-batch-aborted' } }),
  'rollout-continued': rollout(exec('change'), { continued: true }, MANY),
  'maintenance-success': maintenance('./work', {}, { reboot: { when: 'needs-reboot', command: 'reboot' } }),
  'maintenance-failure': maintenance('fail', { children: { '.1': 'fleet-batch-restored' } }),
  'maintenance-cancelled': maintenance('hang', { cancel: true }),
  'maintenance-continued': {
    workflow: 'sshMaintenance',
    args: [{ name: 'recorded', hosts: MANY, atOnce: 100, job: [exec('work')] }, { gate: false }],
    continued: true,
  },
};
