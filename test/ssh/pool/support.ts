import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { SshExecResult } from '../../../contract';
import { ConnectionPool } from '../../../ssh/pool/connection-pool';
import { execOnPool } from '../../../ssh/pool/exec-on-pool';
import type { ExecOnPoolOptions } from '../../../ssh/pool/exec-on-pool';
import { poolLimits } from '../../../ssh/pool/pool-options';
import type { PoolLimits, PoolOptions } from '../../../ssh/pool/pool-options';
import { SshError } from '../../../ssh/ssh-error';
import type { SshTarget } from '../../../ssh/target';
import { PATIENT, request, targetOf } from '../support/engine';
import type { ServerLike } from '../support/engine';

/** A target whose connections are shared. */
export function shared(server: ServerLike, overrides: Partial<SshTarget> = {}): SshTarget {
  return targetOf(server, { shareKey: `${server.port}`, ...overrides });
}

/** A pool that is closed with the test. */
export function openPool(
  t: Pick<TestContext, 'after'>,
  options: PoolOptions = {},
  limits: Partial<PoolLimits> = {}
): ConnectionPool {
  const pool = new ConnectionPool({ ...poolLimits(options), ...limits });
  t.after(() => pool.close());
  return pool;
}

/** Runs a command on the pool, with deadlines that a busy machine keeps. */
export async function run(
  pool: ConnectionPool,
  target: SshTarget,
  command = 'true',
  options: Partial<ExecOnPoolOptions> = {}
): Promise<SshExecResult> {
  return execOnPool(pool, target, request(command), { deadlines: PATIENT, ...options });
}

/** The failure of what must fail. */
export async function failure(promise: Promise<unknown>): Promise<SshError> {
  const error: unknown = await promise.then(
    () => assert.fail('it should have failed'),
    (reason: unknown) => reason
  );
  assert.ok(error instanceof SshError, String(error));
  return error;
}

/** How a step ended: its failure's type, or `ok`. */
export async function outcome(pool: ConnectionPool, target: SshTarget, command = 'true'): Promise<string> {
  try {
    await run(pool, target, command);
    return 'ok';
  } catch (error) {
    assert.ok(error instanceof SshError, String(error));
    return error.type;
  }
}
