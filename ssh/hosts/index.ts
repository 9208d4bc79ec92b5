export { fingerprint, keyType } from './fingerprint';
export type {
  AgentCredential,
  Credential,
  HostConfig,
  HostDefaults,
  HostLookup,
  HostsFile,
  HostsSource,
  Keepalive,
  KeyboardInteractiveAnswer,
  SecretSource,
  SshConfigSource,
  StrictHostKeyChecking,
} from './host-config';
export { createHostDirectory } from './host-directory';
export type { HostDirectory, ListedHost } from './host-directory';
export { selectHosts } from './select-hosts';
