import type { SshFailureType } from '../../contract';

/** What a message of a program, in English, says that went wrong. */
export interface ErrnoFailure {
  readonly type: SshFailureType;
  /** For `StageClock.failure`, in front of what it was about. */
  readonly what: string;
}

// At the end of a line: names in messages may have any text. Of dash and BusyBox there are texts of their own.
const TEXTS: readonly (readonly [RegExp, SshFailureType, string])[] = [
  [/(?:^|: )No space left on device\.?$/im, 'SshTransferNoSpace', 'has no space left'],
  [/(?:^|: )(Disk )?quota exceeded\.?$/im, 'SshTransferQuotaExceeded', 'has no quota left'],
  [/(?:^|: )Read-only file system\.?$/im, 'SshTransferReadOnly', 'has a read-only file system'],
  [/(?:^|: )(Permission denied|Operation not permitted)\.?$/im, 'SshTransferPermissionDenied', 'denies permission'],
  [
    /(?:^|: )(No such file or directory|No such file|Directory nonexistent|nonexistent directory)\.?$/im,
    'SshTransferNotFound',
    'has no such file or directory',
  ],
  [/(?:^|: |' )is a directory\.?$/im, 'SshTransferTargetUnsuitable', 'has a directory there'],
  [/(?:^|: )Not a directory\.?$/im, 'SshTransferTargetUnsuitable', 'has no directory there'],
  [/(?:^|: )Not a regular file\.?$/im, 'SshTransferTargetUnsuitable', 'has no regular file there'],
  [/(?:^|: )File name too long\.?$/im, 'SshTransferTargetUnsuitable', 'takes no names that long'],
  [
    /(?:^|: )Too many levels of symbolic links\.?$/im,
    'SshTransferTargetUnsuitable',
    'has links there that go in a circle',
  ],
  [/\b(invalid|unknown|illegal) (user|group|spec)/i, 'SshInvalidOptions', 'knows no such user or group'],
];

/** What stderr of a program says, which ran under `LC_ALL=C`; `undefined` for what is none of the known texts. */
export function errnoFailure(stderr: string): ErrnoFailure | undefined {
  const found = TEXTS.find(([text]) => text.test(stderr));
  return found && { type: found[1], what: found[2] };
}
