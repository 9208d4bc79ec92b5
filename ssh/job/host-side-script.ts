import { readFileSync } from 'node:fs';
import { join } from 'node:path';

let text: string | undefined;

/**
 * The program of `host-side.sh`: functions only, the last of which is `tssh_main`. Read once. Its comments and indentation
 * stay here: it is sent with each request.
 */
export function hostSideScript(): string {
  text ??= withoutComments(readFileSync(join(__dirname, 'host-side.sh'), 'utf8'));
  return text;
}

function withoutComments(script: string): string {
  return script.replace(/^\s*#.*\n/gm, '').replace(/^\s+/gm, '');
}
