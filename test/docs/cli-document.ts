import type { Command } from 'commander';
import { createProgram } from '../../cli/program';

/** The commands that `docs/cli.md` tells of, in its order. */
const COMMANDS = [
  ...['run', 'rollout', 'maintain', 'watch'],
  ...['pause', 'resume', 'approve', 'abort', 'skip-host', 'resolve', 'schedule', 'cp'],
];

const INTRODUCTION = `# Command line: runbooks, rollouts, maintenance

\`npm run docs:cli\` writes this file from the program. \`temporal-ssh help COMMAND\` shows the same.

Temporal is found by its own environment variables and configuration file (\`TEMPORAL_ADDRESS\`, \`TEMPORAL_NAMESPACE\`, \`TEMPORAL_PROFILE\`, ...), as for the \`temporal\` command. Hosts are named as in the hosts file of the workers.

## Files

A file is YAML 1.2 or JSON, of 1 MiB at most. It is checked before Temporal is contacted; every problem is told at once, as \`FILE:LINE:COLUMN: PATH: expected ..., found ...\`, with exit code 78. A key that comes twice is an error.
Anchors and aliases are resolved, up to 100 of them; merge keys (\`<<\`) are not part of YAML 1.2, and are told as unknown fields. \`--env\` goes before \`env\` of the file, \`--host\` before its \`hosts\`; steps that name hosts of their own keep these.

## What is shown

On a terminal a run is a table that is drawn in place; elsewhere there is a line for each change, and with \`--json\` a JSON object a line: \`{"event":"progress","workflowId":...,"progress":...}\` for each change, and at last
\`{"event":"end","workflowId":...,"end":...,"exitCode":...}\`, with \`failure\` and \`compensation\` where there are any. \`end\` is one of \`succeeded\`, \`undone\`, \`failed\`, \`not-undone\`, \`aborted\`, \`cancelled\`, \`terminated\`, \`timed-out\` and \`invalid\`.
Changes between two looks, a second apart, are seen as one. Text of hosts is cleaned of control characters, but for \`--json\`, where it is escaped.

Ctrl-C leaves the run as it is. \`temporal-ssh abort\` ends it and undoes what was done; a cancellation in Temporal does so too.`;

/** The text of `docs/cli.md`. */
export function cliDocument(): string {
  const program = createProgram();
  const sections = COMMANDS.flatMap((name) => {
    const command = program.commands.find((each) => each.name() === name);
    if (!command) throw new Error(`no command ${name}`);
    return [
      section(command, `temporal-ssh ${name}`),
      ...command.commands.map((each) => section(each, `temporal-ssh ${name} ${each.name()}`)),
    ];
  });
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

function section(command: Command, path: string): string {
  const rows = command.options.map(({ flags, description, defaultValue, argChoices }) => {
    const value: unknown = defaultValue;
    const told = (typeof value === 'string' && !value.includes('@')) || typeof value === 'number';
    const choices = argChoices ? `: ${argChoices.join(', ')}` : '';
    return `| \`${flags.replaceAll('|', '\\|')}\` | ${cell(description + choices)} | ${flags.startsWith('--by') ? '`user@host`' : told ? `\`${cell(String(value))}\`` : ''} |`;
  });
  const options =
    rows.length === 0 ? [] : [['| option | what it says | default |', '|---|---|---|', ...rows].join('\n')];
  const args = command.registeredArguments.map((each) => `- \`${each.name()}\`: ${each.description}`);
  const usage = [
    path,
    command.options.length > 0 ? '[options]' : '',
    ...command.registeredArguments.map((each) => `<${each.name()}>`),
  ];
  return [
    `## ${path}`,
    command.description().replaceAll('\n', ' ').replaceAll('<', '&lt;'),
    `\`\`\`\n${usage.filter((word) => word !== '').join(' ')}\n\`\`\``,
    ...(args.length > 0 ? [args.join('\n')] : []),
    ...options,
    `\`\`\`\n${helpAfter(command)}\n\`\`\``,
  ].join('\n\n');
}

/** What a command adds to its help: examples and exit codes. */
function helpAfter(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (more) => (text += more) });
  command.outputHelp();
  return text.slice(text.search(/^Examples?:$/m)).trim();
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}
