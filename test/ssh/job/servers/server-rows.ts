import { CONNECTION_KILLS } from './rows/connection-kills';
import { FOLLOWERS } from './rows/followers';
import { HOST_KEYS } from './rows/host-keys';
import { LOGIN_SHELLS } from './rows/login-shells';
import { LONG_LOGS } from './rows/long-logs';
import { PROFILE_ROWS } from './rows/profiles';
import { READERS } from './rows/readers';
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
  ...LONG_LOGS,
  ...READERS,
  ...FOLLOWERS,
  ...HOST_KEYS,
];
