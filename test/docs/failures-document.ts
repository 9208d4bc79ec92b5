import { SSH_FAILURES, SSH_STAGES, failureFacts } from '../../contract';
import type { SshFailureType } from '../../contract';
import { FAILURE_HELP } from '../../ssh/failure-help';
import { catalogueSection } from './catalogue-section';

const TITLES: Readonly<Record<string, string>> = {
  config: 'config: on the worker, before anything is sent',
  connect: 'connect: name resolution and TCP',
  banner: 'banner: the identification line',
  kex: 'kex: key exchange and host key',
  auth: 'auth: authentication',
  channel: 'channel: the session channel',
  exec: 'exec: the exec request',
  run: 'run: the command',
  any: 'any stage after connect',
  outcome: 'outcome: what a workflow has to decide',
};

const INTRODUCTION = `# Failures

Each failure is a Temporal \`ApplicationFailure\` with one of these types. Types are stable across releases: match them, never the text of a message. In a workflow and in a client, \`sshFailureOf(error)\` finds
the failure in what was thrown, however Temporal wrapped it.

\`\`\`ts
const failure = sshFailureOf(error);
failure?.type; // 'SshBannerTimeout'
failure?.details; // { stage: 'banner', host: 'web-1', address: '10.0.0.11', port: 22, limitMs: 60000, elapsedMs: 60002, commandMayHaveRun: false }
\`\`\`

\`details\` has the stage, host, address and port, the deadline that passed (\`limitMs\`) and the time since the stage began (\`elapsedMs\`), what the server said (\`serverText\`, cleaned and cut, never to be trusted), whether the
command may have run (\`commandMayHaveRun\`), and for commands that wrote something the ends of their output. \`SshExitStatus\` and \`SshExitSignal\` also have everything that a result has.

**Retry** tells whether trying again can help. Temporal tries again by itself, for as long as the step's \`deadline\` and retry policy allow, if no command was sent or the step is \`idempotent\`. Otherwise a failure with
\`commandMayHaveRun\` and an unknown end becomes \`SshOutcomeUnknown\`, with the failure itself as its cause. "never" marks ends that are known: the command ran, or it was refused.

A worker that dies leaves no failure of ours: Temporal's server raises a timeout. For a step that is not \`idempotent\` that is not tried again either, and \`exec\` throws \`SshOutcomeUnknown\`.

\`temporal-ssh check HOST\` shows the stages up to the first failure, with these texts.
`;

/** The text of `docs/failures.md`, from the tables that the code works with. */
export function failuresDocument(): string {
  const sections = [...SSH_STAGES, 'any', 'outcome'].map((stage) => {
    const types = (Object.keys(SSH_FAILURES) as SshFailureType[]).filter((type) => SSH_FAILURES[type].stage === stage);
    const rows = types.map((type) => {
      const { retryable, outcomeKnown } = failureFacts(type);
      const { meaning, next } = FAILURE_HELP[type];
      return `| \`${type}\` | ${retryable ? 'yes' : outcomeKnown ? 'never' : 'no'} | ${meaning} | ${next} |`;
    });
    return [
      `## ${TITLES[stage] ?? stage}`,
      '',
      '| type | retry | what it means | what to do |',
      '|---|---|---|---|',
      ...rows,
    ].join('\n');
  });
  return `${[INTRODUCTION.trimEnd(), ...sections, catalogueSection()].join('\n\n')}\n`;
}
