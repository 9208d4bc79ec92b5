export { startDevEnvironment } from './dev-environment';
export type { DevEnvironment, DevEnvironmentOptions } from './dev-environment';
export { embeddedDirectory } from './embedded-directory';
