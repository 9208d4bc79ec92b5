import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess } from '../../worker/dev-server/process-identity';

/** A directory that is removed after the test. */
export function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'temporal-ssh-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function runs(pid: number): boolean {
  return identifyProcess(pid) !== undefined;
}

/** Waits for a condition, for 20 s at most. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 20_000;
  while (!(await condition())) {
    assert.ok(Date.now() < limit, `not within 20 s: ${what}`);
    await delay(20);
  }
}
