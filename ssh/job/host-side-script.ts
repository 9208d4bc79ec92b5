import { readFileSync } from 'node:fs';
import { join } from 'node:path';

let text: string | undefined;

/** The text of `host-side.sh`: functions only, the last of which is `tssh_main`. Read once. */
export function hostSideScript(): string {
  text ??= readFileSync(join(__dirname, 'host-side.sh'), 'utf8');
  return text;
}
