import { writeFileSync } from 'node:fs';
import { cliDocument } from './cli-document';

writeFileSync('docs/cli.md', cliDocument());
