import type { FaultRow } from './row';
import { CANCELS } from './rows/cancels';
import { ENDS } from './rows/ends';
import { GIVEN } from './rows/given';
import { HOSTS } from './rows/hosts';
import { TAMPERING } from './rows/tampering';

/** All faults that need no connection. */
export const FAULT_ROWS: readonly FaultRow[] = [...ENDS, ...CANCELS, ...TAMPERING, ...HOSTS, ...GIVEN];
