import type { HostCommandEnd } from './host-files';

/** Runs a command line by an exec request. */
export type CommandRunner = (command: string, stdin?: string) => Promise<HostCommandEnd & { readonly stdout: string }>;
