import type { KeyboardInteractiveMethod, PromptAnswer } from '../target';
import type { ReportProblem } from './credential-problem';
import type { Credential } from './host-config';
import { readSecret } from './secret';

/** How a prompt is recognised; `undefined` for a regular expression that is none. */
export function promptMatcher(pattern: string): ((prompt: string) => boolean) | undefined {
  const source = /^\/(.+)\/$/s.exec(pattern)?.[1];
  if (source === undefined) {
    const part = pattern.toLowerCase();
    return (prompt) => prompt.toLowerCase().includes(part);
  }
  try {
    const expression = new RegExp(source, 'iu');
    return (prompt) => expression.test(prompt);
  } catch {
    return undefined;
  }
}

/** The answers of a credential to the prompts of keyboard-interactive. */
export function keyboardInteractiveMethod(
  { keyboardInteractive }: Credential,
  baseDir: string,
  report: ReportProblem
): KeyboardInteractiveMethod[] {
  if (!keyboardInteractive) return [];
  const answers = keyboardInteractive.flatMap(({ prompt, answer }, index): PromptAnswer[] => {
    const result = readSecret(answer, baseDir);
    const matches = promptMatcher(prompt);
    if ('secret' in result) return matches ? [{ pattern: prompt, matches, answer: result.secret }] : [];
    report('SshCredentialUnavailable', 'keyboardInteractive', result.message, String(index), 'answer');
    return [];
  });
  return [{ type: 'keyboard-interactive', answers }];
}
