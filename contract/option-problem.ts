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

// What is wrong with a list of thousands would be no message any more, and more than a payload may have.
const MOST_PROBLEMS = 100;

/** All problems in one message, up to a hundred, each with the option, what was expected and what was found. */
export function describeProblems(subject: string, problems: readonly OptionProblem[]): string {
  const lines = problems
    .slice(0, MOST_PROBLEMS)
    .map(({ option, expected, found }) => `${option}: expected ${expected}, found ${found}`);
  if (problems.length > lines.length) lines.push(`and ${problems.length - lines.length} more`);
  return lines.length === 1 ? `${subject}: ${lines[0]}` : `${subject}:\n  ${lines.join('\n  ')}`;
}
