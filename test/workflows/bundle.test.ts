import assert from 'node:assert/strict';
import { isAbsolute, join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { makeScratch } from '../support/scratch';

const lib = join(__dirname, '../..');

interface Bundled {
  /** What webpack put in, as paths, from the directory of the project. */
  readonly modules: readonly string[];
}

/** What webpack said is part of the failure. */
async function bundle(workflowsPath: string): Promise<Bundled> {
  let said = '';
  const logger = new DefaultLogger('WARN', ({ message }) => (said += message));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger }).catch((error: unknown) => {
    throw new Error(`${said}\n${String(error)}`, { cause: error });
  });
  const map = /sourceMappingURL=data:application\/json;[^,]*base64,([\w+/=]+)/.exec(code)?.[1];
  assert.ok(map !== undefined, 'the bundle has a source map');
  const { sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] };
  return { modules: sources.map((source) => (isAbsolute(source) ? relative(join(lib, '..'), source) : source)) };
}

void describe('the workflow bundle', { timeout: 120_000 }, () => {
  for (const entry of ['index', 'ready-made']) {
    void test(`workflows/${entry} reaches nothing that the sandbox forbids`, async () => {
      const { modules } = await bundle(join(lib, 'workflows', `${entry}.js`));
      const has = (pattern: RegExp): readonly string[] => modules.filter((module) => pattern.test(module));
      assert.ok(
        has(/workflows\/ssh-host\./).length > 0 && has(/contract\/failure-types\./).length > 0,
        modules.join('\n')
      );
      assert.deepEqual(has(/^(\w+\/)?(ssh|activities|worker|client|cli)\//), []);
      assert.deepEqual(has(/@temporalio\/(activity|client|worker)\//), []);
      assert.deepEqual(has(/node:|node_modules\/(ssh2|zod|yaml|pino|commander)\//), []);
    });
  }

  for (const forbidden of ['activities', 'worker', 'ssh/dial']) {
    void test(`a workflow file that imports ${forbidden} cannot be bundled`, async (t) => {
      const scratch = makeScratch({ t });
      const file = scratch.write(
        'workflows.js',
        `exports.x = async () => require(${JSON.stringify(join(lib, forbidden))});`
      );
      await assert.rejects(bundle(file), /disallowed|Unhandled|Module not found/i);
    });
  }
});
