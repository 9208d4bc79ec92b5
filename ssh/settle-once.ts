/** Given to the body of {@link settleOnce}. Everything after the first settlement is ignored. */
export interface Settlement<T> {
  readonly settled: boolean;
  resolve(value: T): void;
  reject(error: unknown): void;
  /** Undoes something when the promise settles, in reverse order of registration; at once if it already has. */
  onSettled(undo: () => void): void;
}

/**
 * A promise that settles exactly once, whatever events come twice, late or never, and that has taken off every
 * listener and timer before anyone can see its outcome.
 */
export function settleOnce<T>(body: (settlement: Settlement<T>) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const undos: (() => void)[] = [];
    let settled = false;
    const settle = (deliver: () => void): void => {
      if (settled) return;
      settled = true;
      while (undos.length > 0) undos.pop()?.();
      deliver();
    };
    const settlement: Settlement<T> = {
      get settled() {
        return settled;
      },
      resolve: (value) => settle(() => resolve(value)),
      // As it is: an abort rejects with the signal's reason, which may be anything.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject: (error) => settle(() => reject(error)),
      onSettled: (undo) => {
        if (settled) undo();
        else undos.push(undo);
      },
    };
    try {
      body(settlement);
    } catch (error) {
      settlement.reject(error);
    }
  });
}
