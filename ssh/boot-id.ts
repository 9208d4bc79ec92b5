/** Prints the boot id of a Linux host, whatever the login shell. */
export const BOOT_ID_COMMAND = 'cat /proc/sys/kernel/random/boot_id';

const BOOT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\s*$/gm;

/** The boot id in what the command wrote, after what start-up files of the login shell may have; empty if there is none. */
export function parseBootId(stdout: string): string {
  return stdout.match(BOOT_ID)?.at(-1)?.trim() ?? '';
}
