/** Default for `maxOutputBytes`: what is kept of each stream, half from its beginning and half from its end. */
export const DEFAULT_MAX_OUTPUT_BYTES = 64 * 1024;

/** Upper limit for `maxOutputBytes`. More does not fit Temporal's 2 MiB payload limit in the worst case. */
export const MAX_OUTPUT_BYTES = 1024 * 1024;

/**
 * Upper limit for an encoded result. Temporal refuses payloads over 2 MiB after the command has run, when the result
 * could no longer be told; the rest is left to the user's codec.
 */
export const MAX_RESULT_BYTES = 1536 * 1024;

/** Upper limit for a command. Linux refuses a single argument of 128 KiB (`MAX_ARG_STRLEN`), and sshd passes it as one. */
export const MAX_COMMAND_BYTES = 120 * 1024;

/** Upper limit for `stdin`, which is part of the workflow's history. */
export const MAX_STDIN_BYTES = 512 * 1024;

/** Upper limit for all of `env` together, which is part of the command line that the host's `env` is given. */
export const MAX_ENV_BYTES = 64 * 1024;

/** Server text in failures is cut to so many characters. */
export const MAX_SERVER_TEXT = 1024;

/** What a failure keeps of the end of each stream. */
export const FAILURE_TAIL_BYTES = 2 * 1024;

/** Default for `heartbeatTimeout` of the activities. */
export const DEFAULT_HEARTBEAT_TIMEOUT_MS = 30_000;

/** Upper limit for one range of a job's log. */
export const MAX_JOB_LOG_BYTES = 1024 * 1024;

/** Default for `killGrace` of jobs, in milliseconds. */
export const DEFAULT_KILL_GRACE_MS = 10_000;

/** Upper limit for the content of `sshPutFile`, which is part of the workflow's history. */
export const MAX_CONTENT_BYTES = 256 * 1024;

/** Upper limit for a path; that of Linux (`PATH_MAX`). */
export const MAX_PATH_BYTES = 4_096;

/** Upper limit for a file's name: file systems allow 255 bytes, and the unfinished copy and a backup have longer ones. */
export const MAX_FILE_NAME_BYTES = 200;
