import type { SshFailureType } from '../../contract';
import { cleanServerText } from '../server-text';
import type { PromptAnswer } from '../target';
import { isPasswordChangePrompt, isPasswordPrompt, saysPasswordExpired } from './account-text';

/** A prompt of RFC 4256 section 3.2, as ssh2 gives it. */
export interface Prompt {
  readonly prompt: string;
  readonly echo?: boolean | undefined;
}

/** The answers to all prompts of a round, or why there are none. */
export type RoundResult =
  { readonly answers: readonly string[] } | { readonly type: SshFailureType; readonly what: string };

const MAX_PROMPT = 200;
// PAM stacks take two or three; beyond this, a server only goes round in circles.
const MAX_ROUNDS = 16;
const MAX_PROMPTS = 16;

/**
 * Answers the prompts of keyboard-interactive (RFC 4256), each answer once: one that is asked for again was wrong. A prompt
 * that nothing was configured for is never answered.
 */
export class PromptAnswerer {
  readonly #unused: Set<PromptAnswer>;
  #password: string | undefined;
  #rounds = 0;
  #notes = '';

  constructor(answers: readonly PromptAnswer[], password: string | undefined) {
    this.#unused = new Set(answers);
    this.#password = password;
  }

  /** Whether the password was given as an answer. */
  passwordGiven = false;

  /** What the server has said beside its prompts; cleaned. */
  get notes(): string {
    return this.#notes;
  }

  /** A round begins; what it means if that is one too many. */
  begin(name: string, instruction: string): RoundResult | undefined {
    this.#notes = cleanServerText(`${this.#notes} ${cleanServerText(name)} ${cleanServerText(instruction)}`);
    this.#rounds += 1;
    if (this.#rounds <= MAX_ROUNDS) return undefined;
    return { type: 'SshAuthFailed', what: `asked more than ${MAX_ROUNDS} rounds of questions (keyboard-interactive)` };
  }

  answer(prompts: readonly Prompt[]): RoundResult {
    if (prompts.length > MAX_PROMPTS) {
      return { type: 'SshAuthFailed', what: `asked ${prompts.length} questions at once (keyboard-interactive)` };
    }
    const cleaned = prompts.map(({ prompt, echo }) => ({
      text: cleanServerText(prompt, MAX_PROMPT),
      echo: echo === true,
    }));
    const change = cleaned.find(({ text }) => isPasswordChangePrompt(text));
    if (change) {
      return {
        type: 'SshAuthPasswordExpired',
        what: `wants a new password for this user; it asks ${JSON.stringify(change.text)}`,
      };
    }
    const answers: string[] = [];
    for (const { text, echo } of cleaned) {
      const answer = this.#answerTo(text, echo, cleaned.length);
      if (answer === undefined) return this.#unexpected(text, cleaned.length);
      answers.push(answer);
    }
    return { answers };
  }

  #answerTo(text: string, echo: boolean, count: number): string | undefined {
    for (const candidate of this.#unused) {
      if (!candidate.matches(text)) continue;
      this.#unused.delete(candidate);
      return candidate.answer;
    }
    const password = this.#password;
    if (password === undefined || count !== 1 || echo || !isPasswordPrompt(text)) return undefined;
    this.#password = undefined;
    this.passwordGiven = true;
    return password;
  }

  #unexpected(text: string, count: number): RoundResult {
    if (saysPasswordExpired(`${this.#notes} ${text}`)) {
      return { type: 'SshAuthPasswordExpired', what: 'wants a new password for this user' };
    }
    const quoted = JSON.stringify(text);
    if (count > 1 && this.#password !== undefined && isPasswordPrompt(text)) {
      const what = `asks ${count} questions at once, ${quoted} among them (keyboard-interactive); a password answers only a single one: put the answers to all of them under "keyboardInteractive" of the credential`;
      return { type: 'SshAuthFailed', what };
    }
    const what = `asks ${quoted} (keyboard-interactive), for which no answer is left; a prompt that is asked again was answered wrongly, others go under "keyboardInteractive" of the credential`;
    return { type: 'SshAuthFailed', what };
  }
}
