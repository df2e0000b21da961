/** What an author may get wrong, all of it. */
import type { BadRevision } from './bad/bad-revision.ts';
import { cells, conditions } from './bad/conditions.ts';
import { contradictions } from './bad/contradictions.ts';
import { files, schemas } from './bad/files.ts';
import { limits } from './bad/limits.ts';
import { protectedFields, rules } from './bad/rules.ts';

export const BAD_REVISIONS: readonly BadRevision[] = [
  ...conditions,
  ...cells,
  ...contradictions,
  ...files,
  ...schemas,
  ...rules,
  ...protectedFields,
  ...limits,
];
