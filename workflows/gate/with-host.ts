import { CancellationScope, ContinueAsNew, isCancellation } from '@temporalio/workflow';
import { gateNameProblems, gateOptionProblems, kindOf } from '../../contract';
import type { OptionProblem, SshGateOptions } from '../../contract';
import { invalidOptions, requireObject } from '../invalid-options';
import { GateLease, gateLost } from './gate-lease';
import type { SshHostLease } from './gate-lease';

/** A host, or anything else that has a name and that only one at a time may work on. */
export type GatedHost = string | { readonly name: string };

/**
 * Runs `fn` while this workflow holds a lease on the host, so that no other block of `withHost` on the same name runs, in
 * whatever workflow of the namespace; `shared` ones run together. First come first served. No worker slot is held while it
 * waits.
 *
 * The lease ends with `fn`, however that ends, or with the workflow. A block inside of another on the same host runs under
 * the lease of the outer one; branches that run beside each other wait for each other. It is an agreement between workflows: a
 * step without `withHost` is kept from nothing.
 *
 * @throws `ApplicationFailure` of type `SshInvalidOptions`, at once, for bad options, and for an exclusive block inside of
 * a shared one.
 * @throws `ApplicationFailure` of type `SshGateTimeout` when the lease did not come within `timeout`.
 * @throws `ApplicationFailure` of type `SshGateLost` when the lease was taken away or lasted longer than `maxHold`: the scope
 * of `fn` was cancelled, and `fn` has ended.
 * @throws what `fn` threw.
 */
export async function withHost<T>(
  host: GatedHost,
  options: SshGateOptions,
  fn: (lease: SshHostLease) => Promise<T>
): Promise<T> {
  const name = nameOf(host);
  const { mode = 'exclusive' } = checked(name, options);
  const outer = GateLease.around(name);
  if (!outer) return hold(new GateLease(name, options), fn);
  if (mode === 'exclusive' && outer.mode === 'shared') {
    const found = 'an exclusive block inside of a shared one, which would wait for itself';
    throw invalidOptions(`withHost ${name}`, name, [{ option: 'mode', expected: "'shared'", found }]);
  }
  return outer.use(() => fn(outer.view));
}

/**
 * {@link withHost} on several hosts at once. They are asked for in the order of their names, whatever the order here, so that two
 * such blocks never wait for each other.
 */
export async function withHosts<T>(
  hosts: readonly GatedHost[],
  options: SshGateOptions,
  fn: (leases: readonly SshHostLease[]) => Promise<T>
): Promise<T> {
  if (!Array.isArray(hosts)) {
    throw invalidOptions('withHosts', '', [{ option: 'hosts', expected: 'a list', found: kindOf(hosts) }]);
  }
  const names = [...new Set(hosts.map(nameOf))].sort();
  const next = async (index: number, leases: readonly SshHostLease[]): Promise<T> => {
    const name = names[index];
    if (name === undefined) return fn(leases);
    return withHost(name, options, (lease) => next(index + 1, [...leases, lease]));
  };
  return next(0, []);
}

async function hold<T>(lease: GateLease, fn: (lease: SshHostLease) => Promise<T>): Promise<T> {
  let kept = false;
  try {
    await lease.acquire();
    return await lease.use(() => fn(lease.view));
  } catch (error) {
    kept = lease.keep && error instanceof ContinueAsNew;
    // A cancellation of the workflow is one, even if the lease was lost as well.
    if (lease.lost === undefined || (isCancellation(error) && CancellationScope.current().consideredCancelled))
      throw error;
    throw gateLost(lease, error);
  } finally {
    if (!kept) await CancellationScope.nonCancellable(() => lease.release());
  }
}

function nameOf(host: GatedHost): string {
  const given: unknown = host;
  const name: unknown = typeof given === 'object' && given !== null ? (given as { name?: unknown }).name : given;
  const problems = gateNameProblems(name);
  if (problems.length > 0) throw invalidOptions('withHost', '', problems);
  return name as string;
}

function checked(name: string, options: SshGateOptions): SshGateOptions {
  requireObject(`withHost ${name}`, 'options', name, options);
  const problems: readonly OptionProblem[] = gateOptionProblems(options as Readonly<Record<string, unknown>>);
  if (problems.length > 0) throw invalidOptions(`withHost ${name}`, name, problems);
  return options;
}
