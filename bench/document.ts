import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BenchRun } from './bench-run';
import { markdownTable, runMarkdown } from './markdown';
import { plotSeries } from './plot';

/** The text of docs/performance.md. */
export function performanceDocument(run: BenchRun): string {
  const facts = Object.entries(run.machine).map(([what, value]) => ({ what, value }));
  return `# Performance

<!-- Written by \`npm run bench -- --document\` from bench/results/latest.json. -->

What steps cost beside other ways to run them, measured in one run: every client by turns, ${run.rounds} rounds, medians with the
lowest and the highest. The server is an OpenSSH on the same machine, which shares its processors with the client. Times differ from machine to
machine; the column \`peer / ours\` is what compares. The bars are logarithmic.

![Medians of all clients](performance.svg)

${runMarkdown(run)}

## On what, and how to repeat it

Measured on ${run.date}.

${markdownTable(facts)}

\`\`\`sh
npm run bench -- ${run.results.map(({ scenario }) => scenario).join(' ')} --rounds ${run.rounds} --json bench/results/latest.json
npm run bench -- --document
\`\`\`

The other clients are installed into \`~/.cache/temporal-ssh/bench\` (or under \`XDG_CACHE_HOME\`), in the versions that the tables name: those in Python need \`python3\` with
\`venv\`, the one in Go needs \`go\`. One that cannot be installed is named in its table, with the reason. The time that a client needs to start is not counted, except for command-line tools
(OpenSSH, Ansible, pyinfra), where each step or run is a start. A scenario with \`--peers go,openssh\` measures only those beside ours.
`;
}

/** Writes the document and its plot. */
export function writeDocument(run: BenchRun): void {
  writeFileSync(resolve('docs/performance.md'), performanceDocument(run));
  writeFileSync(resolve('docs/performance.svg'), plotSeries(run.results.flatMap(({ series }) => series)));
}
