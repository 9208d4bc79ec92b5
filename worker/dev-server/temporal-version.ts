/** The version of the Temporal CLI that is fetched when none is installed, without a leading `v`. */
export const TEMPORAL_CLI_VERSION = '1.5.1';
