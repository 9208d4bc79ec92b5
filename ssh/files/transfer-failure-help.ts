import type { FailureHelp } from '../failure-help';

/** Texts for failures of uploads and downloads. */
export const TRANSFER_FAILURE_HELP = {
  SshTransferUnsupported: {
    meaning:
      'The server has no SFTP subsystem, or the host lacks a program that the transfer needs. Nothing was changed.',
    next: "Enable the subsystem (Subsystem sftp internal-sftp in sshd_config), or transfer with via: 'exec'.",
  },
  SshTransferNotAllowed: {
    meaning:
      "The worker's configuration names no such root, source, sink or secret, the path leaves its root, or a directory has a link or a special file that sync does not take. Nothing was sent.",
    next: 'Correct the name or path, allow it under files in the options of the worker, or exclude it from the sync.',
  },
  SshTransferSourceNotFound: {
    meaning: 'The file to be uploaded is not there, or is no regular file. Nothing was changed on the host.',
    next: 'Check the path, and that the worker which took the step has the file.',
  },
  SshTransferSourceUnavailable: {
    meaning:
      'The file to be uploaded could not be read on the worker, or fetched by it. Nothing was changed on the host.',
    next: 'A retry may help; the message has the cause.',
  },
  SshTransferSourceChanged: {
    meaning: 'The source changed while it was read. What is at the target is as it was before.',
    next: 'A retry starts again with the new content; write sources beside their name and rename them.',
  },
  SshTransferChecksumMismatch: {
    meaning: 'The source does not have the sha256 that the step asks for. What is at the target is as it was before.',
    next: 'Correct the sha256, or find out who changed the source.',
  },
  SshTransferSinkFailed: {
    meaning: 'The file could not be written on the worker, or the function that takes it failed.',
    next: 'A retry may help; the message has the cause.',
  },
  SshTransferNotFound: {
    meaning: 'The file is not on the host, or the directory for it is not.',
    next: 'Check the path; makeDirectories makes what is missing above a file.',
  },
  SshTransferPermissionDenied: {
    meaning: 'The remote user may not do this. What is at the target is as it was before.',
    next: 'Check the permissions of the directory, or connect as a user who has them.',
  },
  SshTransferTargetUnsuitable: {
    meaning:
      'The path is a directory, a device or something else that is no regular file; for sync, no directory, or a directory in the place of a file. Nothing was changed.',
    next: 'Name a file, or a directory for sync; what is in the way has to be removed first.',
  },
  SshTransferNoSpace: {
    meaning: 'The file system is full. The unfinished copy is removed, and what is at the target is as it was before.',
    next: 'Make room; the whole new file has to fit beside the old one.',
  },
  SshTransferQuotaExceeded: {
    meaning:
      'The disk quota of the user is used up. The unfinished copy is removed, and what is at the target is as it was before.',
    next: 'Make room or raise the quota; the whole new file has to fit beside the old one.',
  },
  SshTransferReadOnly: {
    meaning: 'The file system is mounted read-only. What is at the target is as it was before.',
    next: "Look at the host's kernel log: a file system is often remounted so after a fault of the disk.",
  },
  SshTransferTooLarge: {
    meaning: 'The file is larger than maxBytes, or than the worker allows. What is at the target is as it was before.',
    next: 'Raise the limit, or check that it is the right file.',
  },
  SshTransferTooManyDeletes: {
    meaning: 'More files would be removed than maxDelete allows. Nothing was changed.',
    next: 'Check from and to; look at what a dryRun lists, then raise maxDelete.',
  },
  SshTransferCorrupted: {
    meaning:
      'The copy does not have the sha256 of what was sent. It is removed, and what is at the target is as it was before.',
    next: 'A retry sends it again from the beginning; if it comes again, look at the memory and disks of both sides.',
  },
  SshTransferValidateFailed: {
    meaning: 'The validate command refused the new file. It is removed, and what is at the target is as it was before.',
    next: 'The details have what the command wrote (stdoutTail, stderrTail); correct the file.',
  },
  SshTransferFailed: {
    meaning: 'The server refused something without telling why. What is at the target is as it was before.',
    next: 'A retry may help; serverText in the details has what the server said.',
  },
} as const satisfies Readonly<Record<string, FailureHelp>>;
