import { quoteArgument } from '../contract';

const MARK = 'temporal-ssh-check';
const SHELL = '/bin/sh';

// Tells the programs by their numbers: their names could be anything, and a login shell may write lines of its own.
const SCRIPT = `n=0; for p do command -v "$p" >/dev/null 2>&1 || echo "${MARK} $n"; n=$((n+1)); done; echo "${MARK} done"`;

/** The command that looks for programs on the host, and changes nothing. */
export function programCheckCommand(programs: readonly string[]): string {
  return ['exec', SHELL, '-c', SCRIPT, 'sh', ...programs]
    .map((word, index) => (index === 0 ? word : quoteArgument(word)))
    .join(' ');
}

/** Which of the programs are missing; with the shell itself all of them, if it did not answer. */
export function missingPrograms(programs: readonly string[], stdout: string): readonly string[] {
  const answers = new Set(
    stdout
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line.startsWith(`${MARK} `))
      .map((line) => line.slice(MARK.length + 1))
  );
  if (!answers.has('done')) return [SHELL, ...programs.filter((program) => program !== SHELL)];
  return programs.filter((_program, index) => answers.has(String(index)));
}
