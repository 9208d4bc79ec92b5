import type { SshExecOptions, SshHostDefaults } from '../contract';

/** The step's options over the host's; what holds several values is merged value by value. */
export function mergeOptions(defaults: SshHostDefaults, options: SshExecOptions): SshExecOptions {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(options)) if (value !== undefined) merged[name] = value;
  for (const name of ['timeouts', 'env', 'retry'] as const) {
    const [below, above] = [defaults[name], options[name]];
    if (isRecord(below) && isRecord(above)) merged[name] = { ...below, ...above };
  }
  return merged;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
