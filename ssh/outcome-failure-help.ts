import type { FailureHelp } from './failure-help';

/** Texts for failures of whole workflows, and for what is known of a step in the end. */
export const OUTCOME_FAILURE_HELP = {
  SshOutcomeUnknown: {
    meaning:
      'The command was sent, or may have been, and how it ended is not known. It is not idempotent, so it is not sent again.',
    next: 'Find out on the host whether it ran, then start the step again or go on; mark steps that may run twice as idempotent.',
  },
  SshRunFailed: {
    meaning:
      'A runbook, rollout or maintenance failed, and nothing was undone: there was nothing to undo, or it was to stay as it is.',
    next: 'See details[0] for what was done on which host; the cause is the failure that began it.',
  },
  SshRunAborted: {
    meaning:
      'Somebody aborted a runbook, rollout or maintenance by the update abort. It is the cause of SshCompensated or SshRunFailed.',
    next: 'The message says who and why; the failure around it says what was undone.',
  },
  SshTooManyFailures: {
    meaning:
      'More hosts of a rollout or maintenance failed than maxFailures allows, or no host of all succeeded. It is the cause of SshCompensated or SshRunFailed.',
    next: 'The report has the failure of each host. Mend them, then start again; done in the options leaves out what is done.',
  },
  SshWindowClosed: {
    meaning: 'The window of a maintenance was over before all hosts were done. Those that were left were not touched.',
    next: 'See the report for which are left; make the window longer, or atOnce larger.',
  },
  SshCompensated: {
    meaning: 'A workflow failed, and its undo steps ran: everything that was done is undone.',
    next: 'The cause is the failure that began it; mend that and start the workflow again.',
  },
  SshUnreachable: {
    meaning: 'The host could not be reached within the deadline, or was not rebooted within it.',
    next: 'The cause is what the last look failed with; look at the host, or give it a longer deadline.',
  },
  SshGateLost: {
    meaning:
      'The lease on the host ended before the block of withHost did: it lasted longer than maxHold, or an operator took it away. The block was cancelled.',
    next: 'Read the reason in the message; raise maxHold or renew the lease in long blocks. Look at the host for work that was cut off.',
  },
  SshCompensationFailed: {
    meaning: 'A workflow failed, its undo steps ran, and at least one of them failed too.',
    next: 'See details[0].notUndone for what is left to undo by hand; the cause is the failure that began it.',
  },
} as const satisfies Readonly<Record<string, FailureHelp>>;
