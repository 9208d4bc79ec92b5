import type { SshFailureType } from '../../../contract';
import type { SshError } from '../../ssh-error';
import type { FailureParts } from '../../stage-clock';

/** Makes a failure: `StageClock.failure` of the transfer. */
export type Fail = (type: SshFailureType, parts: FailureParts) => SshError;
