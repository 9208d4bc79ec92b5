/** One thing that is wrong with the options of a step. */
export interface OptionProblem {
  /** The option's path, such as `timeouts.banner`. */
  readonly option: string;
  readonly expected: string;
  /** The kind of what was given. Values are not shown where they could be secret. */
  readonly found: string;
}

/** Names the kind of a value without giving it away. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty string' : `a string of ${value.length} characters`;
    case 'number':
      return `the number ${value}`;
    case 'boolean':
      return `the boolean ${value}`;
    case 'object':
      return 'an object';
    default:
      return `a ${typeof value}`;
  }
}

/** Like {@link kindOf}, but shows short strings: for names and durations, which are never secret. */
export function show(value: unknown): string {
  if (typeof value !== 'string' || value === '') return kindOf(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
}

/** All problems in one message, each with the option, what was expected and what was found. */
export function describeProblems(subject: string, problems: readonly OptionProblem[]): string {
  const lines = problems.map(({ option, expected, found }) => `${option}: expected ${expected}, found ${found}`);
  return lines.length === 1 ? `${subject}: ${lines[0]}` : `${subject}:\n  ${lines.join('\n  ')}`;
}
