/**
 * Run by `sdk-download.ts` in a process of its own: `node sdk-download-script.js <module> <directory> <version>`.
 *
 * The SDK offers its download only as a part of starting a server. In this process that would install the SDK's
 * `Runtime`, which a worker could no longer configure, and could not be interrupted.
 */

/** The part of `@temporalio/testing` that is used. */
interface TestingModule {
  readonly TestWorkflowEnvironment: {
    createLocal(options: {
      readonly server: {
        readonly executable: {
          readonly type: 'cached-download';
          readonly downloadDir: string;
          readonly version: string;
        };
      };
    }): Promise<{ teardown(): Promise<void> }>;
  };
}

async function main(testingModule: string, downloadDir: string, version: string): Promise<void> {
  const { TestWorkflowEnvironment } = (await import(testingModule)) as TestingModule;
  const executable = { type: 'cached-download', downloadDir, version } as const;
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
  await environment.teardown();
}

if (require.main === module) {
  const [testingModule = '', downloadDir = '', version = ''] = process.argv.slice(2);
  main(testingModule, downloadDir, version).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
    }
  );
}
