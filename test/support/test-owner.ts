import type { TestContext } from 'node:test';

/** Whoever clears up: the `t` of a test or suite. Without one the caller stops what it has started. */
export interface Owned {
  readonly t?: Pick<TestContext, 'after'>;
}
