// By the numbers of Linux; those below 16 that matter are the same everywhere.
const NAMES = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG ' +
  'XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');

/** The name of a signal, without `SIG`; its number, when it has none. */
export function signalName(signal: number): string {
  return NAMES[signal - 1] ?? String(signal);
}
