import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startCuttingProxy } from '../../../../support/cutting-proxy';
import type { Through } from '../../../../support/cutting-proxy';
import type { JobServer } from '../job-server';
import type { SshError } from '../../../../../ssh/ssh-error';
import { checkFailure } from '../../../support/engine';
import { findProgram, requireProgram } from '../../../../support/find-program';
import type { ServerRow } from '../server-row';
import { StreamReader } from '../stream-reader';
import { runTwice } from './login-shells';

/** Shells that read a file of the home directory before any command, and that file. */
const PROFILES = { bash: '.bashrc', zsh: '.zshenv', fish: '.config/fish/config.fish', tcsh: '.cshrc' } as const;

/** What looks like an answer, whatever bytes there are, and more of all that than any buffer holds. */
function noise(): Buffer {
  const lines = Buffer.from(
    '\nO 0 5\nhello\nX id=job-1 state=done out=0 err=0\n0123456789abcdef0123456789abcdef end\n'
  );
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  const text = Buffer.from('Welcome to this host. \u00fc\n'.repeat(8_000));
  return Buffer.concat([lines, bytes, text, lines, bytes, Buffer.from('and a line without its end')]);
}

function profileRow(name: string, profile: string, run: (server: JobServer) => Promise<void>): readonly ServerRow[] {
  return Object.entries(PROFILES).map(([shell, file]) => ({
    name: `a ${file} that ${name}`,
    skip: findProgram(shell) === undefined && `${shell} is not installed`,
    settings: { shell: () => (shell === 'bash' ? '/bin/bash' : requireProgram(shell)) },
    run: async (server: JobServer): Promise<void> => {
      server.scratch.write('noise', noise());
      const script = server.scratch.write('profile', profile.replaceAll('HERE', server.scratch.path));
      // One line that all of them understand.
      server.inHome(file, `${profile.startsWith('exit') ? 'exec ' : ''}/bin/sh ${script}\n`);
      await run(server);
    },
  }));
}

interface Unanswered {
  readonly exitCode?: number;
  readonly commandMayHaveRun?: boolean;
  readonly through?: Through;
}

/** The request fails, says what to do, and has run nothing. */
async function noAnswer(
  server: JobServer,
  { exitCode, commandMayHaveRun = false, through = server.real }: Unanswered = {}
): Promise<SshError> {
  const request = server.job('echo out', { stdin: 'in\n'.repeat(1_000) });
  const error = await server
    .connect(through)
    .run(request, new StreamReader())
    .catch((reason: unknown) => reason);
  const failure = checkFailure(error, server.target(through), {
    type: 'SshJobNoAnswer',
    stage: 'run',
    commandMayHaveRun,
  });
  assert.match(failure.message, /start-up files of the login shell/);
  if (exitCode !== undefined) assert.equal(failure.details.exitCode, exitCode);
  await server.assertQuiet();
  assert.equal(server.runs(), 0);
  return failure;
}

/** What is left of the request begins in the middle of the script, whose lines it would run at once. */
async function eatenInPart(server: JobServer): Promise<void> {
  const trap = join(server.scratch.path, 'trap');
  const request = server.job(`: >${trap}\n`.repeat(100));
  const error = await server
    .connect()
    .run(request, new StreamReader())
    .catch((reason: unknown) => reason);
  checkFailure(error, server.target(), { type: 'SshJobNoAnswer', stage: 'run' });
  await server.assertQuiet();
  assert.deepEqual([server.runs(), existsSync(trap)], [0, false]);
}

/** What the start-up files of a login shell do. */
export const PROFILE_ROWS: readonly ServerRow[] = [
  ...profileRow('writes 200 KB to both streams', 'cat HERE/noise; cat HERE/noise >&2', runTwice),
  ...profileRow('reads all of stdin', 'cat >/dev/null', async (server) => {
    await noAnswer(server);
  }),
  ...profileRow('reads a line of stdin', 'read -r line', async (server) => {
    await noAnswer(server);
    await eatenInPart(server);
  }),
  ...profileRow('reads 1 KB of stdin', 'dd bs=1 count=1000 of=/dev/null 2>/dev/null', eatenInPart),
  ...profileRow('exits with a code', 'exit 9', async (server) => {
    await noAnswer(server, { exitCode: 9 });
  }),
  ...profileRow('writes for ever', 'yes "nobody is at home"', async (server) => {
    const proxy = await startCuttingProxy(server, server.real, () => undefined);
    const { details } = await noAnswer(server, { commandMayHaveRun: true, through: proxy });
    assert.match(details.stdoutTail ?? '', /nobody is at home/);
    assert.ok(proxy.passed.down < 40_000_000, `${proxy.passed.down} bytes were taken`);
  }),
];
