#!/usr/bin/env node
import { CommanderError } from 'commander';
import { SshError } from '../ssh/ssh-error';
import { DevServerError } from '../worker/dev-server';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';
import { createProgram } from './program';

/** The exit code for what a command threw, with its message on stderr. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CliError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof SshError) {
    process.stderr.write(`${error.type}: ${error.message}\n`);
    return EXIT.config;
  }
  if (error instanceof DevServerError) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.unavailable;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.internal;
}

createProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = report(error);
  });
