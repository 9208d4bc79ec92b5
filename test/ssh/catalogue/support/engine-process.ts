import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { SshError } from '../../../../ssh/ssh-error';
import type { Owned } from '../../../support/test-owner';
import type { EngineEnd, EnginePlan } from './engine-main';

/**
 * Runs the engine in a process of its own, by a command such as `ip netns exec NAME`, and hands its end back as if it
 * had been run here.
 */
export async function runEngineProcess(
  { t }: Required<Owned>,
  command: (file: string, ...args: readonly string[]) => readonly [string, ...string[]],
  plan: EnginePlan
): Promise<{ readonly exitCode: number }> {
  const [file, ...args] = command(process.execPath, join(__dirname, 'engine-main.js'), JSON.stringify(plan));
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (data: string) => (text += data));
  await once(child, 'close');
  const end = JSON.parse(text || '{"crash":"no answer"}') as EngineEnd;
  if ('exitCode' in end) return end;
  if ('crash' in end) throw new Error(end.crash);
  const { type, message, details } = end.error;
  throw new SshError(type, { message, details });
}
