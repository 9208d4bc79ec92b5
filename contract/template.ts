import { one } from './exec-problems';
import { show } from './option-problem';
import type { OptionProblem } from './option-problem';

const NAME = '[A-Za-z_][A-Za-z0-9_.-]*';
const IS_NAME = new RegExp(`^${NAME}$`);
const PLACE = new RegExp(`\\{\\{(${NAME})\\}\\}`, 'g');

/** The names for which a template has a place, each once. */
export function templateNames(template: string): readonly string[] {
  return [...new Set([...template.matchAll(PLACE)].map(([, name = '']) => name))];
}

/** Puts a text in each place of a template. What looks like a place in one of the texts is none. */
export function fillTemplate(template: string, textFor: (name: string) => string): string {
  return template.replace(PLACE, (_place, name: string) => textFor(name));
}

/** What is wrong with a template and its values: a name without a value, a value without a place. Values are not shown. */
export function templateProblems(
  template: string,
  values: Readonly<Record<string, unknown>>
): readonly OptionProblem[] {
  const names = templateNames(template);
  const given = Object.keys(values).filter((name) => values[name] !== undefined);
  const missing = names.filter((name) => !given.includes(name));
  return [
    ...missing.flatMap((name) => one(`values.${name}`, 'a value for each name of the template', 'none')),
    ...given.flatMap((name) => {
      if (!IS_NAME.test(name)) {
        return one(`values.${name.slice(0, 60)}`, 'a name of letters, digits, _ . and -', show(name));
      }
      return names.includes(name) ? [] : one(`values.${name}`, `a place {{${name}}} in the content`, 'none');
    }),
  ];
}
