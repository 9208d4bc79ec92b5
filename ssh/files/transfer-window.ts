const LARGEST = 2 * 1024 * 1024;
const SMALLEST = 256 * 1024;
const IN_ALL = 64 * 1024 * 1024;

let sharers = 0;

/** What one transfer may have on its way, of what all transfers of this process share. */
export interface TransferWindow {
  /** Less with each transfer that begins, so that many share memory and line alike; 256 KiB at least, 2 MiB at most. */
  readonly bytes: number;
  /** To be called once. */
  end(): void;
}

/**
 * Takes a share, until it is ended. 2 MiB is what OpenSSH's server takes on one channel before it answers: more would only
 * wait, and be sent again after a cut.
 */
export function shareTransferWindow(): TransferWindow {
  let ended = false;
  sharers += 1;
  return {
    get bytes() {
      return Math.max(SMALLEST, Math.min(LARGEST, Math.floor(IN_ALL / sharers)));
    },
    end: () => {
      if (!ended) sharers -= 1;
      ended = true;
    },
  };
}
