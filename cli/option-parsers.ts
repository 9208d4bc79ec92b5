import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import type { Duration } from '@temporalio/common';
import { DURATION_EXPECTED, TIMEOUT_NAMES, isEnvName, parseDuration } from '../contract';
import type { SshTimeouts } from '../contract';
import type { SshFilesRoot } from '../worker';

/** A duration such as `60s`; plain numbers are milliseconds. */
export function duration(value: string): Duration {
  if (parseDuration(value) === undefined) throw new InvalidArgumentError(`Expected ${DURATION_EXPECTED}.`);
  return value as Duration;
}

/** `banner=120s`, once for each deadline. */
export function timeout(value: string, previous: SshTimeouts = {}): SshTimeouts {
  const [name, limit] = splitPair(value);
  if (!(TIMEOUT_NAMES as readonly string[]).includes(name)) {
    throw new InvalidArgumentError(`Expected STAGE=DURATION with one of ${TIMEOUT_NAMES.join(', ')}.`);
  }
  return { ...previous, [name]: duration(limit) };
}

/** `NAME=value`, once for each variable. */
export function environment(value: string, previous: Record<string, string> = {}): Record<string, string> {
  const [name, content] = splitPair(value);
  if (!isEnvName(name)) throw new InvalidArgumentError('Expected NAME=VALUE.');
  return { ...previous, [name]: content };
}

/** Numbers with commas between them. */
export function exitCodes(value: string): number[] {
  const codes = value.split(',').map(Number);
  if (codes.some((code) => !Number.isInteger(code) || code < 0 || code > 255)) {
    throw new InvalidArgumentError('Expected exit codes from 0 to 255, with commas between them.');
  }
  return codes;
}

/** A whole number that is not negative. */
export function wholeNumber(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isSafeInteger(number) || number < 0) {
    throw new InvalidArgumentError('Expected a whole number.');
  }
  return number;
}

/** A whole number, which may be negative. */
export function integer(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isSafeInteger(number)) throw new InvalidArgumentError('Expected a whole number.');
  return number;
}

/** An IP address and a port, as a server binds to: `127.0.0.1:9464`, `[::1]:9464`. */
export function socketAddress(value: string): string {
  const [, v6, v4 = '', port] = /^(?:\[(.+)\]|([^[\]:]+)):(\d{1,5})$/.exec(value) ?? [];
  const family = isIP(v6 ?? v4);
  if (family === (v6 === undefined ? 4 : 6) && Number(port) >= 1 && Number(port) <= 65_535) return value;
  throw new InvalidArgumentError('Expected an IP address and a port, such as 127.0.0.1:9464 or [::1]:9464.');
}

/** A text, once for each time the option is given. */
export function repeated(value: string, previous: readonly string[] = []): readonly string[] {
  if (value === '') throw new InvalidArgumentError('Expected a name.');
  return [...previous, value];
}

/** `NAME=DIRECTORY` or `NAME=DIRECTORY:rw`, once for each root. */
export function fileRoot(
  value: string,
  previous: Readonly<Record<string, SshFilesRoot>> = {}
): Readonly<Record<string, SshFilesRoot>> {
  const [name, given] = splitPair(value);
  const writable = given.endsWith(':rw');
  const path = writable ? given.slice(0, -':rw'.length) : given;
  if (path === '') throw new InvalidArgumentError('Expected NAME=DIRECTORY or NAME=DIRECTORY:rw.');
  if (Object.hasOwn(previous, name)) throw new InvalidArgumentError(`Expected each name once, found ${name} twice.`);
  return { ...previous, [name]: { path, access: writable ? 'read-write' : 'read' } };
}

function splitPair(value: string): [string, string] {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected NAME=VALUE.');
  return [value.slice(0, at), value.slice(at + 1)];
}
