import { EXIT } from './exit-codes';

/**
 * Resolves at the first SIGINT or SIGTERM. A second one ends the process at once, for what hangs; `release` gives the
 * signals back.
 */
export function waitForSignal(onFirst: (signal: NodeJS.Signals) => void): {
  readonly signalled: Promise<void>;
  release(): void;
} {
  let resolve: () => void = () => undefined;
  const signalled = new Promise<void>((settle) => (resolve = settle));
  let seen = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (seen) process.exit(EXIT.interrupted);
    seen = true;
    onFirst(signal);
    resolve();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signalled,
    release: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
