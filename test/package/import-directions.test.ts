import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ESLint } from 'eslint';
import { projectRoot } from './project-root';

/** For each folder, what it must not import and, last, what it may. */
const IMPORTS: Readonly<
  Record<string, { readonly forbidden: readonly string[]; readonly allowed: readonly string[] }>
> = {
  contract: {
    forbidden: ['../ssh/ssh-error', '../workflows', '../client', 'zod', 'node:fs', '@temporalio/workflow'],
    allowed: ['@temporalio/common', '@temporalio/common/lib/time', './limits'],
  },
  workflows: {
    forbidden: [
      ...['../ssh/ssh-error', '../activities', '../worker/dev-server', '../client', 'ssh2', 'node:crypto', 'fs', 'zod'],
      ...['@temporalio/activity', '@temporalio/client', '@temporalio/worker'],
    ],
    allowed: ['../contract', '@temporalio/workflow', '@temporalio/common'],
  },
  client: {
    forbidden: [
      '../ssh/ssh-error',
      '../activities',
      '../worker/dev-server',
      '../workflows',
      '@temporalio/worker',
      'ssh2',
    ],
    allowed: ['../contract', '@temporalio/client', '@temporalio/common'],
  },
  ssh: {
    forbidden: ['../activities', '../worker/dev-server', '../workflows', '@temporalio/common', '@temporalio/activity'],
    allowed: ['../contract', 'ssh2', 'zod', 'yaml', 'node:net'],
  },
  activities: {
    forbidden: [
      '../worker/dev-server',
      '../workflows',
      '../client',
      '@temporalio/workflow',
      '@temporalio/worker',
      'ssh2',
    ],
    allowed: ['../ssh/ssh-error', '../contract', '@temporalio/activity', '@temporalio/common', 'zod'],
  },
  worker: {
    forbidden: ['../workflows', '../client', '../cli', '../test/support/scratch'],
    allowed: ['../activities', '../ssh/ssh-error', '../contract', '@temporalio/worker', 'ssh2'],
  },
  cli: {
    forbidden: ['../workflows', '../test/support/scratch'],
    allowed: ['../client', '../worker', '../activities', '../ssh/ssh-error', '../contract', 'commander'],
  },
};

const RULES = ['no-restricted-imports', 'import-x/no-restricted-paths'];

void describe('the lint rules hold the direction of imports', { timeout: 120_000 }, () => {
  // What is judged here needs no types, and a file that is not there has none.
  const eslint = new ESLint({
    cwd: projectRoot(),
    overrideConfig: [
      { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false, project: null } } },
    ],
    ruleFilter: ({ ruleId }) => RULES.includes(ruleId) || ruleId === 'no-restricted-syntax',
  });
  const complaints = async (code: string, folder: string): Promise<readonly string[]> => {
    const [result] = await eslint.lintText(code, { filePath: join(projectRoot(), folder, 'probe.ts') });
    return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId}: ${message}`);
  };

  for (const [folder, { forbidden, allowed }] of Object.entries(IMPORTS)) {
    void test(`${folder} may not import ${forbidden.join(', ')}`, async () => {
      for (const from of forbidden) {
        const found = await complaints(`import { x } from '${from}';\nx();\n`, folder);
        assert.ok(
          found.some((line) => line.startsWith('no-restricted-imports')),
          `${from}: ${found.join('; ') || 'no complaint'}`
        );
      }
    });
    void test(`${folder} may import ${allowed.join(', ')}`, async () => {
      for (const from of allowed)
        assert.deepEqual(await complaints(`import { x } from '${from}';\nx();\n`, folder), [], from);
    });
  }

  void test('a detour by a longer path or by import() is seen as well', async () => {
    const [longer] = await complaints(`import { x } from '../contract/../ssh/ssh-error';\nx();\n`, 'workflows');
    assert.match(longer ?? '', /^import-x\/no-restricted-paths/);
    const [dynamic] = await complaints(`void import('../ssh/ssh-error');\n`, 'workflows');
    assert.match(dynamic ?? '', /^import-x\/no-restricted-paths/);
  });

  void test('export * and the ambient activity context are refused', async () => {
    assert.match(
      (await complaints(`export * from './limits';\n`, 'contract')).join(),
      /^no-restricted-syntax: Name what is exported/
    );
    assert.match((await complaints(`Context.current();\n`, 'ssh')).join(), /^no-restricted-syntax: Take what you need/);
    assert.deepEqual(await complaints(`Context.current();\n`, 'activities'), []);
  });
});
