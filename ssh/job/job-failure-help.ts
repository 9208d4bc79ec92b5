import type { SshFailureType } from '../../contract';
import type { FailureHelp } from '../failure-help';

/** The entries of jobs. */
export const JOB_FAILURE_HELP = {
  SshBecomeFailed: {
    meaning: "The host's sudo did not let the user become another one. The job was not started.",
    next: 'Check the sudoers file, and becomePassword of the host in the hosts file; a wrong password is tried once and never again by itself.',
  },
  SshJobNoAnswer: {
    meaning:
      "The host ran something, but the job's program did not answer: the login shell does not execute commands, or its start-up files read the standard input or write without end. The job was not started; only in the last case that is not certain.",
    next: `Log in by hand with \`ssh HOST 'exec /bin/sh -c "cat"' < FILE\`: what comes back must be FILE. Remove what reads the standard input, or never ends, from the start-up files of the login shell.`,
  },
  SshJobUnsupported: {
    meaning: 'The host lacks a program that jobs need, which the message names. The job was not started.',
    next: 'Install it: jobs need a POSIX shell, the usual small programs, and setsid or perl.',
  },
  SshJobUnsafeDirectory: {
    meaning:
      'The directory of the jobs, or one of a job, is a link, belongs to another user, or is open to others. Nothing was changed.',
    next: "Look at the directory that the message names; remove it, or make it the user's own with mode 0700.",
  },
  SshJobNoSpace: {
    meaning: 'The host has no space, no inodes or no quota left. The job was not started.',
    next: 'Make room on the host; a retry may help then.',
  },
  SshJobReadOnly: {
    meaning: 'The directory of the jobs cannot be written. The job was not started.',
    next: 'Make it writable, or name another with jobDirectory in the hosts file.',
  },
  SshJobStartFailed: {
    meaning:
      'The job could not be set up, as the message says: its shell or its directory is not there, for example. Its command was not run.',
    next: 'Correct what the message names, and start the job again.',
  },
  SshJobHostRebooted: {
    meaning: 'The host was started anew since the boot id that the step expects. The job was not started.',
    next: 'Decide whether the job still makes sense, and start it without bootId or with the new one.',
  },
  SshJobConflict: {
    meaning:
      'Another job has this id: its command, environment, directory or shell differ. Nothing was started or changed.',
    next: 'Use another id, or clean the first job up.',
  },
  SshJobNotFound: {
    meaning: 'The host knows no job of this id.',
    next: 'Check id, host and become: each user has jobs of its own.',
  },
  SshJobGone: {
    meaning: 'The job was cleaned up: how it ended is on record, its output is not.',
    next: "Read logs before the clean-up, or start the job with cleanup 'never'.",
  },
  SshJobStillRunning: {
    meaning: "The job runs. With follow 'poll' this is no failure but the time until the next look.",
    next: 'Nothing: the next look comes by itself. A clean-up has to wait for the end, or for a cancel.',
  },
  SshJobTampered: {
    meaning: 'What is on the host is not what was written there: the record, its owner or a log was changed.',
    next: 'Look at the directory that the message names; nothing of it is to be trusted.',
  },
  SshJobLost: {
    meaning:
      'The job and its supervisor are gone and have left no record: somebody killed them, or the host ran out of memory. The cause of SshOutcomeUnknown.',
    next: "Look at the host's own log for what ended them (out of memory, KillUserProcesses of systemd-logind).",
  },
  SshJobLostByReboot: {
    meaning:
      'The host was started anew while the job ran. What it had done by then is on the host; the job itself is gone.',
    next: 'Look at what the job left, then start it again under a new id.',
  },
  SshJobDeadline: {
    meaning: 'The job was ended on the host because its deadline had passed.',
    next: 'Give it a longer deadline, or find out what it waits for: its output is in the details.',
  },
  SshJobLogLimit: {
    meaning: 'The job was ended on the host because it wrote more than maxLogBytes.',
    next: 'Let it write less, or give it a higher maxLogBytes.',
  },
  SshJobLeaseExpired: {
    meaning: 'The job was ended on the host because nobody had asked for it for as long as its lease.',
    next: 'Start it again under a new id, and keep workers running, or choose a longer lease.',
  },
  SshJobCancelled: {
    meaning: 'Somebody else cancelled the job: no process of it is left.',
    next: 'Nothing, if that was meant; cancelReason in the details is what was given as the reason.',
  },
  SshJobCancelIncomplete: {
    meaning: 'The job was asked to end, and some of its processes may still be there, as the message says.',
    next: 'Look at the processes that survivors in the details names, end them by hand, and cancel again for the proof.',
  },
} as const satisfies Partial<Record<SshFailureType, FailureHelp>>;
