import type { SshTextTest, SshWhen } from '../../contract';
import type { HostRecord, StepRecord } from './step-record';

/** Why a step is not run on a host, or `undefined` where it is. */
export function unmetCondition(
  when: SshWhen | undefined,
  host: string | undefined,
  earlier: readonly StepRecord[]
): string | undefined {
  if (when === undefined) return undefined;
  const step = earlier.find(({ name }) => name === when.step);
  // Validated before the first step.
  if (step === undefined) return `there was no step ${when.step}`;
  const here = step.hosts.filter((each) => each.host === host);
  const looked: readonly Looked[] = here.length > 0 ? here : step.hosts.length > 0 ? step.hosts : [step];
  for (const each of looked) {
    const unmet = unmetBy(when, each);
    if (unmet !== undefined) return `${when.step}${each.host === undefined ? '' : ` on ${each.host}`} ${unmet}`;
  }
  return undefined;
}

type Looked = Pick<HostRecord, 'state' | 'exitCode' | 'stdout' | 'stderr'> & { readonly host?: string };

function unmetBy({ state, exitCode, stdout, stderr }: SshWhen, found: Looked): string | undefined {
  if (state !== undefined && found.state !== state) return `is ${found.state}, not ${state}`;
  if (exitCode !== undefined) {
    const wanted = typeof exitCode === 'number' ? [exitCode] : exitCode;
    if (found.exitCode === undefined || !wanted.includes(found.exitCode)) {
      return `has ${found.exitCode === undefined ? 'no exit code' : `exit code ${found.exitCode}`}, not ${wanted.join(' or ')}`;
    }
  }
  if (stdout !== undefined && !textHolds(stdout, found.stdout)) return 'has written something else to stdout';
  if (stderr !== undefined && !textHolds(stderr, found.stderr)) return 'has written something else to stderr';
  return undefined;
}

function textHolds({ equals, contains }: SshTextTest, text = ''): boolean {
  if (equals !== undefined && text.trim() !== equals.trim()) return false;
  return contains === undefined || text.includes(contains);
}
