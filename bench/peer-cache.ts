import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The sources of peers that are not compiled with ours. */
export const PEER_SOURCES = resolve(__dirname, '../../bench/peers');

const VENV_LIMIT_MS = 600_000;

function cacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'temporal-ssh', 'bench');
}

/** One line of why something could not be had. */
export function shortReason(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const lines = (stderr || message || String(error)).trim().split('\n');
  return (lines.findLast((line) => /error|not found|no /i.test(line)) ?? lines.at(-1) ?? '').trim().slice(0, 160);
}

/**
 * The Python of a virtual environment with this one package in its pinned version, made where it is not there yet. Each has
 * its own: what one asks for does not decide the versions of another.
 */
export async function pythonWith(name: string, version: string): Promise<string> {
  const directory = join(cacheDirectory(), `${name}-${version}`);
  const python = join(directory, 'bin', 'python');
  const complete = join(directory, 'complete');
  if (existsSync(complete)) return python;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(cacheDirectory(), { recursive: true });
  await run('python3', ['-m', 'venv', directory], { timeout: VENV_LIMIT_MS });
  const wanted = `${name}==${version}`;
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', wanted], {
    timeout: VENV_LIMIT_MS,
  });
  writeFileSync(complete, '');
  return python;
}

/** The peer in Go, built where it is not there yet. `version` is that of its module, as its go.mod has it. */
export async function goPeer(version: string): Promise<string> {
  const directory = join(cacheDirectory(), `go-${version}`);
  const program = join(directory, 'peer');
  if (existsSync(program)) return program;
  const making = `${directory}.${process.pid}`;
  cpSync(join(PEER_SOURCES, 'go'), making, { recursive: true });
  try {
    await run('go', ['build', '-o', 'peer', '.'], {
      cwd: making,
      env: { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false', GOTOOLCHAIN: 'local' },
      timeout: VENV_LIMIT_MS,
    });
    rmSync(directory, { recursive: true, force: true });
    renameSync(making, directory);
    return program;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}
