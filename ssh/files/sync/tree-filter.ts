import picomatch from 'picomatch';

/** Which paths of a directory a sync is about. Paths are relative, with `/` between names. */
export interface TreeFilter {
  /** The path, or a directory above it, is left alone, whatever it is. */
  excluded(path: string): boolean;
  /** The file is taken if the source has it, and may be removed if the source does not. */
  takes(path: string): boolean;
  /** Only some files are taken, so that a directory counts for what is taken of it. */
  readonly partial: boolean;
}

/**
 * Globs are those of bash with `globstar`, and match whole paths: `*.log` is for files at the top, `**` + `/*.log` for all.
 * Names that begin with a dot are names like others. There is no negation by `!`: that is what `exclude` is for.
 */
export function treeFilter({
  include = [],
  exclude = [],
}: {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}): TreeFilter {
  const matcher = (globs: readonly string[]): ((path: string) => boolean) =>
    picomatch([...globs], { dot: true, nonegate: true, strictSlashes: true });
  const isExcluded = exclude.length > 0 ? matcher(exclude.map(withoutTrailingSlash)) : () => false;
  const isIncluded = include.length > 0 ? matcher(include) : () => true;
  const excluded = (path: string): boolean => {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      if (isExcluded(path.slice(0, end))) return true;
    }
    return isExcluded(path);
  };
  return { excluded, takes: (path) => isIncluded(path) && !excluded(path), partial: include.length > 0 };
}

/** `build/` means the directory `build` to everybody. */
function withoutTrailingSlash(glob: string): string {
  return glob.length > 1 && glob.endsWith('/') ? glob.slice(0, -1) : glob;
}
