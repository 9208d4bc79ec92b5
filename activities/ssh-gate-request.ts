import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  SSH_GATE_REQUEST,
  SSH_GATE_WORKFLOW,
  describeProblems,
  gateRequestInputProblems,
  sshGateWorkflowId,
} from '../contract';
import type { SshGateRequestInput } from '../contract';
import { gateClient } from './gate-client';

/** The activity `sshGateRequest`. */
export type SshGateRequestActivity = (input: SshGateRequestInput) => Promise<void>;

/**
 * The activity `sshGateRequest`: hands a request to the gate of a host, and starts the gate if it does not run. A workflow
 * cannot do that by itself. Sent twice, it is one request.
 *
 * @throws `ApplicationFailure` of type `SshGateUnavailable` where the worker has no client.
 */
export async function sshGateRequest(input: SshGateRequestInput): Promise<void> {
  const context = Context.current();
  const problems = gateRequestInputProblems(input);
  if (problems.length > 0) {
    throw ApplicationFailure.nonRetryable(describeProblems('sshGateRequest', problems), 'SshInvalidOptions', {
      stage: 'config',
      host: typeof input?.name === 'string' ? input.name : '',
      elapsedMs: 0,
      commandMayHaveRun: false,
    });
  }
  const { name, taskQueue, settings, request } = input;
  await gateClient(context, name).workflow.signalWithStart(SSH_GATE_WORKFLOW, {
    workflowId: sshGateWorkflowId(name),
    taskQueue,
    args: [{ name, ...settings }],
    signal: SSH_GATE_REQUEST,
    signalArgs: [request],
    staticSummary: `gate of ${name}`.slice(0, 200),
  });
}
