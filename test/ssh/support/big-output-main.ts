import { exec, targetOf } from './engine';
import type { ServerLike } from './engine';

/* Runs a command with 1 GB of output and prints what was counted, and how much memory that took. */

const server = JSON.parse(process.argv[2] ?? '{}') as ServerLike;

void exec(targetOf(server), 'head -c 1000000000 /dev/zero').then(({ stdoutBytes, stdoutSha256 }) => {
  // Kilobytes, as getrusage(2) has them on Linux: the most that it has ever been.
  const maxRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(JSON.stringify({ bytes: stdoutBytes, sha256: stdoutSha256, maxRssMb }));
});
