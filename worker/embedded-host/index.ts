export { startEmbeddedHost } from './embedded-host';
export type { EmbeddedHost, EmbeddedHostConfig, EmbeddedHostOptions } from './embedded-host';
