import { quoteArgument } from '../contract';
import type { SshQuestion } from '../contract';
import { cleanServerText } from '../ssh/server-text';

/** The command line that answers a question of a run. */
export function answerCommand({ kind, step, host, answers }: SshQuestion, workflowId: string): string {
  const id = argument(workflowId);
  const where = `--step ${argument(step)}${host === undefined ? '' : ` --host ${argument(host)}`}`;
  if (kind === 'approval') {
    const refuse = answers.includes('refuse') ? ' [--refuse]' : '';
    return `temporal-ssh approve ${id} --step ${argument(step)} --reason TEXT${refuse}`;
  }
  return `temporal-ssh resolve ${id} ${where} --reason TEXT --decision ${answers.join('|')}`;
}

/** A word for the shell, quoted only where it has to be. */
export function argument(text: string): string {
  const clean = cleanServerText(text);
  return /^[\w@%+=:,./-]+$/.test(clean) ? clean : quoteArgument(clean);
}
