export { startDevServer } from './dev-server';
export type { DevServer, DevServerOptions } from './dev-server';
export { DevServerError } from './dev-server-error';
export type { DevServerErrorCode } from './dev-server-error';
export { cacheDirectory, dataDirectory } from './directories';
export { findTemporal } from './find-temporal';
export type { FindTemporalOptions, TemporalBinaryOrigin, TemporalSource } from './find-temporal';
export { TEMPORAL_CLI_VERSION } from './temporal-version';
