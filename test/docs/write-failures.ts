// Writes docs/failures.md and the tables of keywords in docs/configuration.md: npm run docs:failures
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { failuresDocument } from './failures-document';
import { SSH_CONFIG_MARKS, sshConfigTables } from './ssh-config-tables';

writeFileSync(resolve('docs/failures.md'), failuresDocument());

const configuration = resolve('docs/configuration.md');
const [begin, end] = SSH_CONFIG_MARKS;
const [before = '', rest = ''] = readFileSync(configuration, 'utf8').split(begin);
writeFileSync(configuration, `${before}${begin}\n\n${sshConfigTables()}\n\n${end}${rest.split(end)[1] ?? ''}`);
