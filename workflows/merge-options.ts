import type { SshExecOptions, SshHostDefaults } from '../contract';

/** The step's options over the host's; what holds several values is merged value by value. `undefined` is not given. */
export function mergeOptions(defaults: SshHostDefaults, options: SshExecOptions): SshExecOptions {
  const merged: Record<string, unknown> = { ...defaults, ...given(options) };
  for (const name of ['timeouts', 'env', 'retry'] as const) {
    const [below, above] = [defaults[name], options[name]];
    if (isRecord(below) && isRecord(above)) merged[name] = { ...below, ...given(above) };
  }
  return merged;
}

function given(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
