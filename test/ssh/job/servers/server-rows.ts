import { CONNECTION_KILLS } from './rows/connection-kills';
import { LOGIN_SHELLS } from './rows/login-shells';
import { PROFILE_ROWS } from './rows/profiles';
import { SIMULTANEOUS } from './rows/simultaneous';
import { START_CUTS } from './rows/start-cuts';
import type { ServerRow } from './server-row';

/** All faults that need a real server. */
export const SERVER_ROWS: readonly ServerRow[] = [
  ...LOGIN_SHELLS,
  ...PROFILE_ROWS,
  ...START_CUTS,
  ...CONNECTION_KILLS,
  ...SIMULTANEOUS,
];
