import { answerCommand as plainAnswerCommand, shellWord } from '../contract';
import type { SshQuestion } from '../contract';
import { cleanServerText } from '../ssh/server-text';

/** The command line that answers a question of a run, fit for a terminal whatever the names hold. */
export function answerCommand(question: SshQuestion, workflowId: string): string {
  const { step, host } = question;
  const named = {
    ...question,
    step: cleanServerText(step),
    ...(host !== undefined && { host: cleanServerText(host) }),
  };
  return plainAnswerCommand(named, cleanServerText(workflowId));
}

/** A word for the shell, quoted only where it has to be. */
export function argument(text: string): string {
  return shellWord(cleanServerText(text));
}
