// Writes docs/failures.md: npm run docs:failures
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { failuresDocument } from './failures-document';

writeFileSync(resolve('docs/failures.md'), failuresDocument());
