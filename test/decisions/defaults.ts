/** What a case leaves unsaid. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Defaults } from './case-file.ts';

export const defaults = Defaults.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'shared', 'defaults.json'), 'utf8')));
