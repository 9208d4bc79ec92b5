import { EXEC_CHECKS, boolean, one, problemsBy, record } from './exec-problems';
import type { Check } from './exec-problems';
import * as rule from './file-checks';
import { nearestName } from './nearest-name';
import { show } from './option-problem';
import type { OptionProblem } from './option-problem';
import { fileSink, fileSource, rootDirectory } from './source-checks';
import { templateProblems } from './template';

type Checks = Readonly<Record<string, Check>>;

const TRANSFER: Checks = {
  host: EXEC_CHECKS['host'] as Check,
  via: (value) => (value === 'sftp' || value === 'exec' ? [] : one('via', "'sftp' or 'exec'", show(value))),
  timeouts: EXEC_CHECKS['timeouts'] as Check,
};

const PLACING: Checks = {
  mode: rule.mode('mode'),
  owner: rule.owner,
  backup: boolean('backup'),
  validate: rule.validate,
  makeDirectories: boolean('makeDirectories'),
};

const UPLOAD: Checks = {
  ...TRANSFER,
  from: fileSource,
  to: rule.filePath('to'),
  sha256: rule.sha256,
  times: boolean('times'),
  ...PLACING,
};

const DOWNLOAD: Checks = {
  ...TRANSFER,
  from: rule.filePath('from'),
  to: fileSink,
  sha256: rule.sha256,
  maxBytes: rule.wholeNumber('maxBytes', 1),
  mode: rule.mode('mode'),
};

const PUT_FILE: Checks = {
  ...TRANSFER,
  // Together with its encoding, below.
  content: () => [],
  encoding: (value) =>
    value === 'utf8' || value === 'base64' ? [] : one('encoding', "'utf8' or 'base64'", show(value)),
  values: rule.values,
  to: rule.filePath('to'),
  ...PLACING,
};

const SYNC: Checks = {
  ...TRANSFER,
  from: rootDirectory,
  to: rule.directoryPath('to'),
  include: rule.globs('include'),
  exclude: rule.globs('exclude'),
  delete: boolean('delete'),
  maxDelete: rule.wholeNumber('maxDelete', 0),
  fileMode: rule.mode('fileMode'),
  directoryMode: rule.mode('directoryMode'),
  dryRun: boolean('dryRun'),
};

function problemsOf(checks: Checks, required: readonly string[], input: unknown): readonly OptionProblem[] {
  return problemsBy(checks, required, input).map((problem) => {
    if (problem.found !== 'an unknown option') return problem;
    const meant = nearestName(problem.option, Object.keys(checks));
    return meant === undefined ? problem : { ...problem, found: `an unknown option; ${meant} is near` };
  });
}

/** Everything that is wrong with the input of `sshUpload`, at once. */
export function uploadProblems(input: unknown): readonly OptionProblem[] {
  return problemsOf(UPLOAD, ['host', 'from', 'to'], input);
}

/** Everything that is wrong with the input of `sshDownload`, at once. */
export function downloadProblems(input: unknown): readonly OptionProblem[] {
  return problemsOf(DOWNLOAD, ['host', 'from', 'to'], input);
}

/** Everything that is wrong with the input of `sshPutFile`, at once. Neither content nor values are shown. */
export function putFileProblems(input: unknown): readonly OptionProblem[] {
  const problems = problemsOf(PUT_FILE, ['host', 'to'], input);
  if (!record(input)) return problems;
  const { content, encoding, values } = input;
  const own = rule.contentProblems(content, encoding);
  if (values === undefined || own.length > 0 || problems.length > 0) return [...problems, ...own];
  if (encoding === 'base64') return one('values', 'none for content in base64', 'values');
  return templateProblems(content as string, values as Readonly<Record<string, unknown>>);
}

/** Everything that is wrong with the input of `sshSync`, at once. */
export function syncProblems(input: unknown): readonly OptionProblem[] {
  const problems = problemsOf(SYNC, ['host', 'from', 'to'], input);
  const all = record(input) && input['delete'] === true && /^\/+$/.test(String(input['to']));
  return all ? [...problems, ...one('to', 'a directory below / for a sync with delete', '"/"')] : problems;
}
