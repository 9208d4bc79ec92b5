/**
 * Fills in the tokens of ssh_config(5), "TOKENS": `%h` and the like, and `%%` for a per cent sign.
 *
 * @param onUnknown - called with a token that has no value; what it returns is put in its place
 */
export function expandTokens(
  text: string,
  values: Readonly<Record<string, string>>,
  onUnknown: (token: string) => string = (token) => token
): string {
  return text.replace(/%(.?)/gsu, (token, letter: string) => {
    if (letter === '%') return '%';
    return Object.hasOwn(values, letter) ? (values[letter] ?? '') : onUnknown(token);
  });
}

/**
 * Whether a value can be put into a command of the shell. OpenSSH refuses the same characters in host and user names
 * (`valid_hostname` and `valid_ruser` of ssh.c, since CVE-2023-51385).
 */
export function isShellSafe(value: string): boolean {
  return /^[^-\s'"`$\\;&<>|(){}*?!#~\p{Cc}][^\s'"`$\\;&<>|(){}*?!#\p{Cc}]*$/u.test(value);
}
