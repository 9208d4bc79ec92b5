import { DEFAULT_KILL_GRACE_MS, commandLine, parseDuration } from '../contract';
import type { SshJobGuards, SshJobSpec } from '../contract';
import type { JobRequest } from '../ssh/job/job-client';

/** What is sent to the host for a job, from an input that was checked. */
export function jobRequest(
  input: SshJobSpec & SshJobGuards & { readonly id: string; readonly bootId?: string | undefined }
): JobRequest {
  const { id, command, shell = '/bin/sh', env = {}, cwd, umask, stdin, nice, ioClass, maxLogBytes, bootId } = input;
  const deadlineMs = parseDuration(input.deadline);
  const leaseMs = parseDuration(input.lease);
  return {
    id,
    script: commandLine(command),
    shell,
    env,
    graceMs: parseDuration(input.killGrace) ?? DEFAULT_KILL_GRACE_MS,
    ...(cwd !== undefined && { cwd }),
    ...(umask !== undefined && { umask }),
    ...(stdin !== undefined && { stdin }),
    ...(nice !== undefined && { nice }),
    ...(ioClass !== undefined && { ioClass }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(leaseMs !== undefined && { leaseMs }),
    ...(maxLogBytes !== undefined && { maxLogBytes }),
    ...(bootId !== undefined && { bootId }),
  };
}
