import { one, record } from './exec-problems';
import type { Check } from './exec-problems';
import { filePathProblem, isSha256, pathProblem } from './file-checks';
import { kindOf, show } from './option-problem';
import type { OptionProblem } from './option-problem';
import type { SshRootPath } from './files';

const ROOT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Reads `ROOT:PATH`. `undefined` for anything else. */
export function parseRootPath(text: string): SshRootPath | undefined {
  const at = text.indexOf(':');
  const [root, path] = [text.slice(0, at), text.slice(at + 1)];
  return at > 0 && ROOT_NAME.test(root) && path !== '' ? { root, path } : undefined;
}

type Form = Readonly<Record<string, (option: string, value: unknown) => readonly OptionProblem[]>>;

const name = (option: string, value: unknown): readonly OptionProblem[] =>
  typeof value === 'string' && ROOT_NAME.test(value) ? [] : one(option, 'a name', show(value));

const key = (option: string, value: unknown): readonly OptionProblem[] => {
  const problem = pathProblem(value);
  return problem ? one(option, problem.expected.replace('path', 'key'), problem.found) : [];
};

const below =
  (problemOf: typeof pathProblem) =>
  (option: string, value: unknown): readonly OptionProblem[] => {
    const problem = problemOf(value);
    if (problem) return one(option, problem.expected, problem.found);
    const outside = (value as string).startsWith('/') || (value as string).split('/').includes('..');
    return outside ? one(option, 'a path that stays below its root', show(value)) : [];
  };

const URL_FORM = /^https?:\/\/(?<authority>[^/?#\s\\]+)(?:[/?#]\S*)?$/i;

// Its query may be a signature, so that it is not shown.
const url = (option: string, value: unknown): readonly OptionProblem[] => {
  const authority = typeof value === 'string' ? URL_FORM.exec(value)?.groups?.['authority'] : undefined;
  if (authority === undefined) return one(option, 'a URL such as https://example.com/app.tgz', kindOf(value));
  return authority.includes('@') ? one(option, 'a URL without credentials', 'one with them') : [];
};

const checksum = (option: string, value: unknown): readonly OptionProblem[] =>
  isSha256(value) ? [] : one(option, 'the SHA-256 as 64 hexadecimal digits', show(value));

const FILE: Form = { root: name, path: below(filePathProblem) };
const DIRECTORY: Form = { root: name, path: below(pathProblem) };
const WEB: Form = { url, sha256: checksum };
const SOURCE: Form = { source: name, key };
const SINK: Form = { sink: name, key };

function formsCheck(option: string, expected: string, forms: readonly Form[]): Check {
  const [rootForm = FILE] = forms;
  return (value) => {
    if (typeof value === 'string') {
      const parsed = parseRootPath(value);
      if (/^https?:/i.test(value)) return one(option, 'a URL as { url, sha256 }', 'a URL');
      return parsed ? problemsOf(rootForm, option, parsed) : one(option, expected, show(value));
    }
    if (!record(value)) return one(option, expected, kindOf(value));
    const meant = forms.filter((form) => value[Object.keys(form)[0] ?? ''] !== undefined);
    const [form] = meant;
    if (!form || meant.length > 1) return one(option, expected, `an object with ${Object.keys(value).join(', ')}`);
    return problemsOf(form, option, value);
  };
}

function problemsOf(form: Form, option: string, value: object): readonly OptionProblem[] {
  const given = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).filter((field) => !Object.hasOwn(form, field) && given[field] !== undefined);
  return [
    ...Object.entries(form).flatMap(([field, check]) => check(`${option}.${field}`, given[field])),
    ...unknown.flatMap((field) =>
      one(`${option}.${field}`, `one of ${Object.keys(form).join(', ')}`, 'an unknown field')
    ),
  ];
}

/** The rule for where an upload comes from. */
export const fileSource = formsCheck(
  'from',
  "'ROOT:PATH', or an object with root and path, url and sha256, or source and key",
  [FILE, WEB, SOURCE]
);

/** The rule for where a download goes to. */
export const fileSink = formsCheck('to', "'ROOT:PATH', or an object with root and path, or sink and key", [FILE, SINK]);

/** The rule for a directory of the worker. */
export const rootDirectory = formsCheck('from', "'ROOT:PATH', or an object with root and path", [DIRECTORY]);
