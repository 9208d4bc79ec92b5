import type { JobServer, ServerKind, ServerSettings } from './job-server';

/** One fault of jobs over a real server; it holds when `run` resolves and nothing is left running. */
export interface ServerRow {
  readonly name: string;
  readonly run: (server: JobServer) => Promise<void>;
  readonly settings?: ServerSettings;
  /** Why it cannot be had here. */
  readonly skip?: string | false;
  /** Servers where there is no such thing, and why. */
  readonly without?: Partial<Record<ServerKind, string>>;
}
