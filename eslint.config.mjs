import prettier from 'eslint-config-prettier';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Folders that a folder may import; itself always. Absent: everything. */
const FOLDERS = {
  contract: [],
  workflows: ['contract'],
  client: ['contract'],
  ssh: ['contract'],
  activities: ['ssh', 'contract'],
  worker: ['activities', 'ssh', 'contract'],
  cli: ['client', 'worker', 'activities', 'ssh', 'contract'],
};

/** Packages that a folder may import, as regular expressions; absent: all. */
const PACKAGES = {
  contract: ['@temporalio/common(/lib/time)?'],
  // No node:*, which the sandbox does not have, and no package that reaches it.
  workflows: ['@temporalio/(workflow|common)'],
  client: ['@temporalio/(client|common)', 'node:.*'],
  ssh: ['ssh2(/.*)?', 'picomatch', 'zod', 'yaml', 'node:.*'],
  activities: ['@temporalio/(activity|common)', 'zod', 'node:.*'],
};

const OTHERS = ['test', 'bench', 'examples'];

function importRules(folder) {
  const allowed = FOLDERS[folder];
  const forbidden = [...Object.keys(FOLDERS), ...OTHERS].filter(
    (other) => other !== folder && !allowed.includes(other)
  );
  const patterns = [
    {
      regex: `^(\\.{1,2}/)*\\.\\./(${forbidden.join('|')})(/|$)`,
      message: `${folder}/ may import ${allowed.map((other) => `${other}/`).join(', ') || 'no other folder of ours'}.`,
    },
  ];
  const packages = PACKAGES[folder];
  if (packages !== undefined) {
    patterns.push({
      regex: `^(?!\\.)(?!(${packages.join('|')})$)`,
      message: `${folder}/ may import only these packages: ${packages.join(', ')}.`,
    });
  }
  const zones = forbidden.map((from) => ({ target: `./${folder}`, from: `./${from}` }));
  return {
    files: [`${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { patterns }],
      // By resolved path: also catches require(), import() and detours.
      'import-x/no-restricted-paths': ['error', { zones, basePath: import.meta.dirname }],
    },
  };
}

const EXPORT_ALL = {
  selector: 'ExportAllDeclaration',
  message: 'Name what is exported: everything that is public is public on purpose.',
};
const AMBIENT_CONTEXT = {
  selector: "CallExpression[callee.object.name='Context'][callee.property.name='current']",
  message: 'Take what you need of the activity context as a parameter; only the activities ask for it.',
};
const REQUIRE = {
  selector: "CallExpression[callee.name='require']",
  message: 'Import it: what is required escapes the rules of this file.',
};

export default tseslint.config(
  { ignores: ['lib/', 'node_modules/', 'test/histories/', 'types/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, prettier],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver': { node: { extensions: ['.ts', '.js'] } },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-control-regex': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-self-compare': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-escape': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', EXPORT_ALL, AMBIENT_CONTEXT, REQUIRE],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'import-x/no-self-import': 'error',
      'import-x/no-duplicates': ['error', { 'prefer-inline': false }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Our objects are closures, which do not use `this`.
      '@typescript-eslint/unbound-method': 'off',
      // An interface may demand a promise of what needs none.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: true, allowNever: true },
      ],
    },
  },
  ...Object.keys(FOLDERS).map(importRules),
  { files: ['activities/*.ts'], rules: { 'no-restricted-syntax': ['error', EXPORT_ALL, REQUIRE] } },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', EXPORT_ALL],
      '@typescript-eslint/no-floating-promises': [
        'error',
        // What these return is for whoever nests tests; at the top the runner waits.
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite'] },
          ],
        },
      ],
    },
  }
);
