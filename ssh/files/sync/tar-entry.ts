const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;

/** A file in the interchange format of POSIX (`ustar`), owned by nobody in particular. `undefined`: its path is too long for it. */
export function tarEntry(path: string, mode: number, content: Buffer): Buffer | undefined {
  const split = splitPath(path);
  if (!split) return undefined;
  const entry = Buffer.alloc(BLOCK + Math.ceil(content.length / BLOCK) * BLOCK);
  const octal = (value: number, at: number, digits: number): void => {
    entry.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  };
  entry.write(split.name, 0);
  octal(mode & 0o7777, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(content.length, 124, 11);
  octal(Math.trunc(Date.now() / 1_000), 136, 11);
  entry.write('        0', 148, 'latin1');
  entry.write('ustar\u000000', 257, 'latin1');
  entry.write(split.prefix, 345);
  // The sum is made with blanks in its own place.
  const sum = entry.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0);
  octal(sum, 148, 6);
  entry[154] = 0;
  content.copy(entry, BLOCK);
  return entry;
}

/** What an archive ends with. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

function splitPath(path: string): { readonly name: string; readonly prefix: string } | undefined {
  if (Buffer.byteLength(path) <= NAME_BYTES) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(name) <= NAME_BYTES)
      return Buffer.byteLength(prefix) <= PREFIX_BYTES ? { name, prefix } : undefined;
  }
  return undefined;
}
