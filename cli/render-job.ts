import type { SshJobState, SshJobStatus } from '../contract';

const MEANING: Readonly<Record<SshJobState, string>> = {
  absent: 'the host knows no such job',
  new: 'being prepared; nothing has run',
  void: 'cancelled before it started; it never ran and never will',
  running: 'running',
  orphan: 'running, but its supervisor is gone: its exit code will be unknowable',
  finishing: 'has ended; how is about to be recorded',
  done: 'has ended',
  'lost-reboot': 'the host was started anew while it ran',
  'lost-supervisor': 'it and its supervisor are gone without a record',
  gone: 'cleaned up; only how it ended is still known',
  tampered: 'what is on the host is not what was written there',
};

/** A job's status for people, with what can be done next. */
export function renderJob(status: SshJobStatus, options = ''): string {
  const { host, id, state, pid, startedAt, endedAt, stdoutBytes, stderrBytes, endReason, cancelReason } = status;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['state', `${state} (${MEANING[state]})`],
    ['end', jobEnd(status) || undefined],
    ['asked to end', endReason && (cancelReason ? `${endReason}: ${cancelReason}` : endReason)],
    ['left over', status.survivors?.join(', ') || undefined],
    ['started', startedAt],
    ['ended', endedAt],
    ['pid', pid === undefined ? undefined : String(pid)],
    ['output', `stdout ${stdoutBytes} bytes, stderr ${stderrBytes} bytes`],
    ['directory', status.directory || undefined],
  ];
  const shown = state === 'absent' ? rows.slice(0, 1) : rows;
  const lines = shown.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(13)}${value}`]));
  return `${[`${host} ${id}`, ...lines, '', `Next: ${nextStep(status, `${host} ${id}${options}`)}`].join('\n')}\n`;
}

/** Several jobs, a line each. */
export function renderJobs(jobs: readonly SshJobStatus[]): string {
  if (jobs.length === 0) return 'No jobs.\n';
  const rows = [
    ['ID', 'STATE', 'END', 'STARTED', 'STDOUT', 'STDERR'],
    ...jobs.map((job) => [
      job.id,
      job.state,
      jobEnd(job) || '-',
      job.startedAt ?? '-',
      String(job.stdoutBytes),
      String(job.stderrBytes),
    ]),
  ];
  const widths = (rows[0] as string[]).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`
    )
    .join('');
}

function jobEnd({ exitCode, signal, exitAmbiguous }: SshJobStatus): string {
  const guess = exitAmbiguous ? ' (or the like)' : '';
  if (exitCode !== undefined) return `exit code ${exitCode}${guess}`;
  return signal === undefined ? '' : `signal ${signal}${guess}`;
}

function nextStep({ state, survivors = [], directory }: SshJobStatus, where: string): string {
  if (survivors.length > 0) return `end what is left over by hand, then: temporal-ssh job cancel ${where}`;
  switch (state) {
    case 'absent':
      return 'check host, id and --become; temporal-ssh job list shows what is there';
    case 'tampered':
      return `look at ${directory}; nothing of it is to be trusted`;
    case 'gone':
    case 'void':
      return 'nothing; start it again under another id if it is still wanted';
    case 'new':
    case 'running':
    case 'orphan':
    case 'finishing':
      return `temporal-ssh job attach ${where}`;
    default:
      return `temporal-ssh job logs ${where}, then: temporal-ssh job cleanup ${where}`;
  }
}
