import { hostname, userInfo } from 'node:os';
import { Command, Option } from 'commander';
import type {
  SshAbortInput,
  SshApproveInput,
  SshResolveInput,
  SshRunUpdate,
  SshSkipHostInput,
  SshUpdateInput,
} from '../contract';
import { sendUpdate } from './send-update';

interface UpdateFlags {
  readonly reason: string;
  readonly by: string;
  readonly json?: true;
}

const DECISIONS = ['ran', 'did-not-run', 'retry', 'compensate', 'stop', 'skip'] as const;

/** `temporal-ssh pause`, `resume`, `approve`, `abort`, `skip-host` and `resolve`. */
export function runUpdateCommands(): readonly Command[] {
  const pause = base('pause', 'pause a run before its next step', 'What runs goes on to its end.');
  const resume = base('resume', 'let a paused run go on');
  const approve = base('approve', 'answer a step that waits for an approval')
    .option('--step <name>', 'the step; needed only where several wait')
    .option('--refuse', 'refuse: the step fails');
  const abort = base('abort', 'end a run, and undo what was done').option('--no-undo', 'leave everything as it is');
  const skipHost = base('skip-host', 'leave a host out of a run, from its next step on').requiredOption(
    '--host <name>',
    'the host'
  );
  const resolve = base('resolve', 'decide about a step that failed, or whose outcome is not known')
    .addOption(new Option('--decision <decision>', 'what holds').choices(DECISIONS).makeOptionMandatory())
    .option('--step <name>', 'the step; needed only where several wait')
    .option('--host <name>', 'the host; needed only where several wait');
  return [
    sends<UpdateFlags>(pause, 'pause', (input) => input),
    sends<UpdateFlags>(resume, 'resume', (input) => input),
    sends<UpdateFlags & { readonly step?: string; readonly refuse?: true }>(
      approve,
      'approve',
      (input, { step, refuse }): SshApproveInput => ({
        ...input,
        ...(step !== undefined && { step }),
        ...(refuse && { approved: false }),
      })
    ),
    sends<UpdateFlags & { readonly undo: boolean }>(abort, 'abort', (input, { undo }): SshAbortInput => ({
      ...input,
      ...(!undo && { undo }),
    })),
    sends<UpdateFlags & { readonly host: string }>(skipHost, 'skipHost', (input, { host }): SshSkipHostInput => ({
      ...input,
      host,
    })),
    sends<UpdateFlags & Pick<SshResolveInput, 'decision' | 'step' | 'host'>>(
      resolve,
      'resolve',
      (input, { decision, step, host }): SshResolveInput => ({
        ...input,
        decision,
        ...(step !== undefined && { step }),
        ...(host !== undefined && { host }),
      })
    ),
  ];
}

function base(name: string, summary: string, more = ''): Command {
  return new Command(name)
    .summary(summary)
    .description(`Sends an update to a runbook, rollout or maintenance: ${summary}. ${more}`.trim())
    .argument('<id>', 'the id of its workflow')
    .requiredOption('--reason <text>', 'why; it is on record')
    .option('--by <who>', 'who asks; it is on record', `${userInfo().username}@${hostname()}`)
    .option('--json', 'print the progress after it as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ temporal-ssh ${name} ssh-runbook-release-7${EXAMPLES[name] ?? ''} --reason 'as agreed'

Exit codes: 0 done; 1 refused by the run, or no such workflow; 64 usage, 69 Temporal or its workers unavailable.`
    );
}

const EXAMPLES: Readonly<Record<string, string>> = {
  approve: ' --step go',
  'skip-host': ' --host web-3',
  resolve: ' --decision retry',
};

function sends<Flags extends UpdateFlags>(
  command: Command,
  update: SshRunUpdate,
  inputOf: (input: SshUpdateInput, flags: Flags) => SshUpdateInput
): Command {
  return command.action(async (id: string, flags: Flags) => {
    const input = inputOf({ by: flags.by, reason: flags.reason }, flags);
    process.exitCode = await sendUpdate(id, update, { input, json: flags.json ?? false });
  });
}
