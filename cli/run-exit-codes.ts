/** The exit codes of the commands that wait for the end of a run, for their help. */
export const RUN_EXIT_CODES = `Exit codes: 0 success; 80 failed, and everything done is undone; 81 failed, and nothing was undone; 82 ended, and not
everything done is undone; 83 cancelled; 84 aborted; 1 no such workflow; 64 usage, 69 Temporal unavailable,
78 the file or the options are wrong, 130 Ctrl-C (the run goes on).`;
