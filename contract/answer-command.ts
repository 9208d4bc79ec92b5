import { quoteArgument } from './command';
import type { SshQuestion } from './progress';

/** The command line of `temporal-ssh` that answers a question of a run; a name that needs it is quoted for a POSIX shell. */
export function answerCommand({ kind, step, host, answers }: SshQuestion, workflowId: string): string {
  const id = shellWord(workflowId);
  const where = `--step ${shellWord(step)}${host === undefined ? '' : ` --host ${shellWord(host)}`}`;
  if (kind === 'approval') {
    const refuse = answers.includes('refuse') ? ' [--refuse]' : '';
    return `temporal-ssh approve ${id} --step ${shellWord(step)} --reason TEXT${refuse}`;
  }
  return `temporal-ssh resolve ${id} ${where} --reason TEXT --decision ${answers.join('|')}`;
}

/** A word for the shell, quoted only where it has to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoteArgument(text);
}
