import type { Owned } from '../../../support/test-owner';

/**
 * A server for the cases of one file: started by the first that needs it, stopped with the last, so that cases that
 * only look at it need no server each.
 */
export function shared<T extends { stop(): Promise<void> }>(
  start: () => Promise<T>
): (t: Required<Owned>['t']) => Promise<T> {
  let users = 0;
  let running: Promise<T> | undefined;
  return (t) => {
    users += 1;
    const mine = (running ??= start());
    t.after(async () => {
      users -= 1;
      if (users > 0) return;
      running = undefined;
      await mine.then((server) => server.stop());
    });
    return mine;
  };
}
