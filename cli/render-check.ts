import type { SshCheckReport } from '../contract';

/** The report of a check for people. */
export function renderCheck(report: SshCheckReport): string {
  const { host, address, port, user, stages, failure } = report;
  const where = address === undefined ? host : `${host} (${address}:${port ?? 22}) as ${user ?? ''}`;
  const notes = stageNotes(report);
  const lines = stages.flatMap(({ stage, ms, ok }) => {
    const [first = '', ...more] = notes[stage] ?? [];
    const head = `  ${ok ? 'ok    ' : 'FAILED'}  ${stage.padEnd(7)} ${String(ms).padStart(6)} ms  ${first}`;
    return [head.trimEnd(), ...more.map((line) => `${' '.repeat(28)}${line}`)];
  });
  const end = failure
    ? [
        '',
        `${failure.type}: ${failure.message}`,
        `  What it means: ${failure.meaning}`,
        `  What to do:    ${failure.next}`,
      ]
    : ['', 'The host is fine: a step can run here.'];
  return `${[where, ...lines, ...end].join('\n')}\n`;
}

function stageNotes(report: SshCheckReport): Readonly<Record<string, readonly string[]>> {
  const { identification, hostKey, algorithms, authMethods, authBanner } = report;
  return {
    banner: identification === undefined ? [] : [identification],
    kex: [
      ...(hostKey ? [`${hostKey.type} ${hostKey.fingerprint}`, trust(hostKey)] : []),
      ...(algorithms ? [[algorithms.kex, algorithms.cipher, algorithms.mac].join(', ')] : []),
    ],
    auth: [
      ...(authMethods ? [`the server offers ${authMethods.join(', ') || 'nothing'}`] : []),
      ...(authBanner ? [`banner: ${authBanner}`] : []),
    ],
  };
}

function trust({ trusted, reason }: NonNullable<SshCheckReport['hostKey']>): string {
  return trusted ? `trusted (${reason})` : `NOT trusted: ${reason}`;
}
