import type { SshFailureType, SshStage, SshDeadlines } from '../../../contract';
import type { ExecRequest } from '../../../ssh/exec-request';
import type { SshError } from '../../../ssh/ssh-error';
import type { SshTarget } from '../../../ssh/target';
import type { Owned } from '../../support/test-owner';
import type { RunOptions } from '../support/engine';

/** What must come of a case. */
export type Expectation =
  /** The command runs, and ends with this exit code. */
  | { readonly ends: 'success'; readonly exitCode?: number }
  | {
      readonly ends: 'failure';
      /** More than one only where the kernel's timing decides what can be seen at all. */
      readonly type: SshFailureType | readonly SshFailureType[];
      readonly stage: SshStage | readonly SshStage[];
      /** The exec request went out. @default false */
      readonly commandMayHaveRun?: boolean | 'either';
      /** The deadline that ends it; its time is then neither shorter nor much longer. @default none */
      readonly deadline?: keyof SshDeadlines;
      readonly serverText?: RegExp;
      readonly message?: RegExp;
    }
  /** The caller gave up; the engine rejects with the caller's reason. */
  | { readonly ends: 'cancelled' };

/** What a case is arranged with. */
export interface CatalogueGround {
  /** Everything that is started for the case ends with it. */
  readonly t: Required<Owned>['t'];
  /**
   * The deadlines of the case: all different, so that the elapsed time tells which one passed. A case that waits on
   * purpose counts in fractions of them, never in fixed times.
   */
  readonly deadlines: Required<SshDeadlines>;
}

/** A case, ready to be run. */
export interface Scene {
  readonly target: SshTarget;
  /** @default 'work' */
  readonly command?: string;
  readonly request?: Partial<ExecRequest>;
  /** Replaces single deadlines, for a case that would else be ended by another one than it is about. */
  readonly deadlines?: Partial<SshDeadlines>;
  readonly options?: Omit<RunOptions, 'deadlines' | 'request'>;
  /** Runs the command by other means than a connection of its own, such as a pool. */
  readonly run?: () => Promise<{ readonly exitCode: number }>;
  /** Looks at what the server saw: commands sent, credentials offered, connections left. */
  readonly check?: (end: { readonly error?: SshError }) => void | Promise<void>;
}

/** One way in which a server, a network or a host can behave, and what has to come of it. */
export interface CatalogueRow {
  /** Stable and unique. */
  readonly name: string;
  /** What happens, for the table in `docs/failures.md`: a clause without a full stop. */
  readonly what: string;
  readonly expect: Expectation;
  /** Why it cannot run on this machine, or false. @default false */
  readonly skip?: () => string | false;
  /** The engine runs in another process, where nothing of it can be left in this one. @default false */
  readonly elsewhere?: boolean;
  readonly arrange: (ground: CatalogueGround) => Scene | Promise<Scene>;
}
