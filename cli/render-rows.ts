import type { SshProgress, SshStepReport, SshStepState } from '../contract';
import { cleanServerText } from '../ssh/server-text';
import { runDuration } from './run-duration';
import { clip, fit } from './text-width';

/** Where rows are drawn. */
export interface RowsView {
  readonly width: number;
  readonly height: number;
  readonly color: boolean;
  readonly now: number;
}

interface Row {
  readonly name: string;
  readonly state: SshStepState;
  readonly time: string;
  readonly text: string;
}

const STATE_WIDTH = 9;
const TIME_WIDTH = 7;
const COLORS: Readonly<Record<SshStepState, number>> = {
  pending: 2,
  running: 36,
  waiting: 33,
  succeeded: 32,
  failed: 31,
  skipped: 2,
  undone: 35,
};
// Which stay when there is no room for all.
const RANKS: readonly SshStepState[] = ['failed', 'waiting', 'running', 'undone', 'pending', 'succeeded', 'skipped'];

/** Steps and hosts as a table, in their order; what there is no room for is counted in the last line. */
export function renderRows(progress: SshProgress, { width, height, color, now }: RowsView): string[] {
  const rows = [...progress.steps.flatMap((step) => stepRows(step, now)), ...hostRows(progress)];
  const shown = choose(rows, height);
  const nameWidth = Math.min(
    Math.max(12, Math.floor(width / 3)),
    Math.max(4, ...shown.map(({ name }) => [...name].length))
  );
  const lines = shown.map((row) => renderRow(row, { nameWidth, width, color }));
  const hidden = rows.filter((row) => !shown.includes(row));
  if (hidden.length === 0 || height < 1) return lines;
  const counts = RANKS.map((state) => [state, hidden.filter((row) => row.state === state).length] as const);
  const parts = counts.filter(([, count]) => count > 0).map(([state, count]) => `${count} ${state}`);
  return [...lines, clip(`and ${hidden.length} more: ${parts.join(', ')}`, width)];
}

function choose(rows: readonly Row[], height: number): readonly Row[] {
  if (rows.length <= height) return rows;
  const chosen = new Set(
    RANKS.flatMap((state) => rows.filter((row) => row.state === state)).slice(0, Math.max(0, height - 1))
  );
  return rows.filter((row) => chosen.has(row));
}

function renderRow(
  { name, state, time, text }: Row,
  { nameWidth, width, color }: { readonly nameWidth: number; readonly width: number; readonly color: boolean }
): string {
  const plain = `${fit(name, nameWidth)} ${fit(state, STATE_WIDTH)} ${time.padStart(TIME_WIDTH)} ${text}`;
  const line = clip(plain.trimEnd(), width);
  const at = fit(name, nameWidth).length + 1;
  // Not where the state itself was cut.
  if (!color || line.slice(at, at + state.length) !== state) return line;
  return `${line.slice(0, at)}\u001b[${COLORS[state]}m${state}\u001b[0m${line.slice(at + state.length)}`;
}

function stepRows(step: SshStepReport, now: number): readonly Row[] {
  const { name, state, startedAt, endedAt, counts, hosts = [], message } = step;
  const time =
    startedAt === undefined
      ? ''
      : runDuration((endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt));
  const where = counts
    ? Object.entries(counts)
        .map(([each, count]) => `${count} ${each}`)
        .join(', ')
    : hosts.map(({ host }) => host).join(', ');
  const text = [message, where].filter((part) => part !== undefined && part !== '').join('; ');
  const row = { name: clean(name), state, time, text: clean(text) };
  const notable = hosts.filter((host) => ['failed', 'waiting', 'running', 'undone'].includes(host.state));
  // One host that stands as its step does is told with it.
  const [only] = notable;
  if (hosts.length === 1 && only?.state === state && only.message === undefined) return [row];
  const below = notable.map(({ host, state: each, exitCode, type, message: why }) => {
    const code = exitCode === undefined || exitCode === 0 ? undefined : `exit code ${exitCode}`;
    const words = [code, type, why].filter((part) => part !== undefined).join(': ');
    return { name: `  ${clean(host)}`, state: each, time: '', text: clean(words) };
  });
  return [row, ...below];
}

function hostRows({ hosts = [] }: SshProgress): readonly Row[] {
  return hosts.map(({ host, state, step = '', type, message }) => {
    const text = [step, type, message].filter((part) => part !== undefined && part !== '').join(': ');
    return { name: clean(host), state, time: '', text: clean(text) };
  });
}

function clean(text: string): string {
  return cleanServerText(text);
}
