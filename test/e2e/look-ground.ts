import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { startSshd } from '../support/sshd';
import type { RealSshd, SshdOptions } from '../support/sshd';
import { eventsOf } from './ground';

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/** Boot ids, as Linux makes them. */
export const [FIRST_BOOT, SECOND_BOOT] = [
  '11111111-2222-4333-8444-555555555555',
  'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
] as const;

/** A host whose boot id a test decides. */
export interface BootingHost {
  readonly sshd: RealSshd;
  /** Another boot id, as if the host had rebooted in no time; what is no boot id makes a host that has none. */
  boot(bootId: string): void;
  /** Goes down, with all that runs on it, and comes back with another boot id. */
  restart(bootId: string): Promise<void>;
}

/** Starts a host with a boot id of its own. Only where `privateFilesSkipReason` has none. */
export async function startBootingHost(options: SshdOptions = {}, bootId: string = FIRST_BOOT): Promise<BootingHost> {
  const files: Record<string, string> = { [BOOT_ID_FILE]: `${bootId}\n` };
  const sshd = await startSshd({ ...options, files });
  return {
    sshd,
    // The file that is mounted in its place.
    boot: (next) => writeFileSync(join(sshd.directory, 'system-0'), `${next}\n`),
    restart: async (next) => {
      files[BOOT_ID_FILE] = `${next}\n`;
      await sshd.restart();
    },
  };
}

/** The last failure of the activity that a workflow waits for, and which attempt comes next. */
export async function pendingLook(
  handle: WorkflowHandle
): Promise<{ readonly attempt: number; readonly type: string | null | undefined; readonly message: string }> {
  const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
  const { applicationFailureInfo, message } = pending?.lastFailure ?? {};
  return { attempt: pending?.attempt ?? 0, type: applicationFailureInfo?.type, message: message ?? '' };
}

/** The names of the events that tell of activities, without their prefix. */
export async function activityEvents(handle: WorkflowHandle): Promise<readonly string[]> {
  return (await eventsOf(handle)).flatMap((event) =>
    Object.keys(event).flatMap((key) =>
      event[key as keyof typeof event] !== null && /^activityTask\w+Attributes$/.test(key)
        ? key.slice('activityTask'.length, -'EventAttributes'.length)
        : []
    )
  );
}
