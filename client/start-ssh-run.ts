import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type {
  SshMaintenance,
  SshMaintenanceOptions,
  SshProgress,
  SshRollout,
  SshRolloutOptions,
  SshRunbook,
  SshRunbookOptions,
} from '../contract';
import { startSshWorkflow } from './start-ssh-workflow';
import type { SshStart, SshStartOptions } from './start-ssh-workflow';

/** The type of the workflow `sshRunbook`, by its name and shape. */
export type SshRunbookWorkflow = (runbook: SshRunbook, options?: SshRunbookOptions) => Promise<SshProgress>;

/** The type of the workflow `sshRollout`, by its name and shape. */
export type SshRolloutWorkflow = (rollout: SshRollout, options?: SshRolloutOptions) => Promise<SshProgress>;

/** The type of the workflow `sshMaintenance`, by its name and shape. */
export type SshMaintenanceWorkflow = (
  maintenance: SshMaintenance,
  options?: SshMaintenanceOptions
) => Promise<SshProgress>;

/** A run of one of the ready-made workflows that answer `progress`. */
export type SshRunKind = SshProgress['kind'];

/** The workflow of each kind. */
export const SSH_RUN_WORKFLOWS = {
  runbook: 'sshRunbook',
  rollout: 'sshRollout',
  maintenance: 'sshMaintenance',
} as const satisfies Readonly<Record<SshRunKind, string>>;

/** How to start one, with the options of the run itself; `workflowId` is `ssh-runbook-<name>-<random>` unless given. */
export type StartSshRunbookOptions = SshStartOptions<SshRunbookWorkflow> & { readonly run?: SshRunbookOptions };

/** As {@link StartSshRunbookOptions}; `workflowId` is `ssh-rollout-<name>-<random>` unless given. */
export type StartSshRolloutOptions = SshStartOptions<SshRolloutWorkflow> & { readonly run?: SshRolloutOptions };

/** As {@link StartSshRunbookOptions}; `workflowId` is `ssh-maintenance-<name>-<random>` unless given. */
export type StartSshMaintenanceOptions = SshStartOptions<SshMaintenanceWorkflow> & {
  readonly run?: SshMaintenanceOptions;
};

/** A name as it is part of a workflow's id. */
export function slug(name: string): string {
  const text = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, '');
  return text === '' ? 'run' : text;
}

/** What a run of a kind is started as, also by a schedule. */
export function sshRunStart(kind: SshRunKind, name: string): Required<Omit<SshStart<SshRunbookWorkflow>, 'args'>> {
  return {
    type: SSH_RUN_WORKFLOWS[kind],
    idPrefix: `ssh-${kind}-${slug(name)}`,
    memo: { kind, name },
    staticSummary: `${kind} ${name}`,
  };
}

/**
 * Starts the ready-made workflow `sshRunbook`. `handle.result()` gives the report, or rejects with `WorkflowFailedError`;
 * `watchSshRun` follows it.
 */
export async function startSshRunbook(
  client: Client,
  runbook: SshRunbook,
  { run = {}, ...options }: StartSshRunbookOptions
): Promise<WorkflowHandleWithFirstExecutionRunId<SshRunbookWorkflow>> {
  const start = { ...sshRunStart('runbook', runbook.name), args: [runbook, run] as [SshRunbook, SshRunbookOptions] };
  return startSshWorkflow<SshRunbookWorkflow>(client, start, options);
}

/** Starts the ready-made workflow `sshRollout`, as {@link startSshRunbook}. */
export async function startSshRollout(
  client: Client,
  rollout: SshRollout,
  { run = {}, ...options }: StartSshRolloutOptions
): Promise<WorkflowHandleWithFirstExecutionRunId<SshRolloutWorkflow>> {
  const start = { ...sshRunStart('rollout', rollout.name), args: [rollout, run] as [SshRollout, SshRolloutOptions] };
  return startSshWorkflow<SshRolloutWorkflow>(client, start, options);
}

/** Starts the ready-made workflow `sshMaintenance`, as {@link startSshRunbook}. */
export async function startSshMaintenance(
  client: Client,
  maintenance: SshMaintenance,
  { run = {}, ...options }: StartSshMaintenanceOptions
): Promise<WorkflowHandleWithFirstExecutionRunId<SshMaintenanceWorkflow>> {
  const args: [SshMaintenance, SshMaintenanceOptions] = [maintenance, run];
  return startSshWorkflow<SshMaintenanceWorkflow>(
    client,
    { ...sshRunStart('maintenance', maintenance.name), args },
    options
  );
}
