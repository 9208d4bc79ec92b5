import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { codeBlocks } from '../docs/operations-document';
import { freePort } from '../support/free-port';
import { scrape } from '../support/prometheus';
import type { Sample } from '../support/prometheus';
import { makeScratch } from '../support/scratch';
import type { Owned } from '../support/test-owner';

/** The worker of `docs/operations.md`, running. */
export interface DocumentedWorker {
  scrape(): Promise<readonly Sample[]>;
  /** All that it has written. */
  log(): string;
  stop(): Promise<void>;
}

/** Runs the worker that `docs/operations.md` shows, with nothing changed but names and addresses. */
export async function startDocumentedWorker(
  {
    address,
    taskQueue,
    hosts,
    metrics,
  }: { readonly address: string; readonly taskQueue: string; readonly hosts: string; readonly metrics?: string },
  { t }: Required<Owned>
): Promise<DocumentedWorker> {
  const bindAddress = `127.0.0.1:${await freePort()}`;
  const [block = ''] = codeBlocks(readFileSync(resolve('docs/operations.md'), 'utf8'), 'ts');
  const library = join(__dirname, '..', '..');
  const options = `{ hosts: ${JSON.stringify(hosts)}${metrics === undefined ? '' : `, metrics: ${metrics}`} }`;
  const replacements = [
    ["'temporal-ssh'", JSON.stringify(join(library, 'worker', 'index.js'))],
    ["'127.0.0.1:9464'", JSON.stringify(bindAddress)],
    ["'127.0.0.1:7233'", JSON.stringify(address)],
    ["'ssh'", JSON.stringify(taskQueue)],
    ["'./workflows'", JSON.stringify(join(library, 'test', 'workflows', 'fixtures', 'steps.js'))],
    ["{ hosts: 'hosts.yaml' }", options],
  ] as const;
  const code = replacements.reduce((text, [from, to]) => {
    assert.equal(text.split(from).length, 2, `${from} once in:\n${text}`);
    return text.replace(from, to);
  }, block);
  const { outputText } = transpileModule(code, {
    compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 },
  });
  const script = makeScratch({ t }).write('worker.js', outputText);
  const child = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_PATH: resolve('node_modules') },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  }
  const exited = once(child, 'close');
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  for (let tries = 0; !/Worker state changed.*RUNNING/s.test(log); tries += 1) {
    if (child.exitCode !== null || tries > 600) throw new Error(`the worker does not run:\n${log}`);
    await delay(100);
  }
  return {
    scrape: () => scrape(bindAddress),
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      assert.equal(child.exitCode, 0, log);
    },
  };
}
