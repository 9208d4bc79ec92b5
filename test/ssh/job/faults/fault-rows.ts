import type { FaultRow } from './row';
import { ATTEMPTS } from './rows/attempts';
import { CANCELS } from './rows/cancels';
import { ENDS } from './rows/ends';
import { GIVEN } from './rows/given';
import { HOSTS } from './rows/hosts';
import { READERS } from './rows/readers';
import { TAMPERING } from './rows/tampering';

/** All faults. */
export const FAULT_ROWS: readonly FaultRow[] = [
  ...ENDS,
  ...CANCELS,
  ...TAMPERING,
  ...HOSTS,
  ...GIVEN,
  ...ATTEMPTS,
  ...READERS,
];
