/** How somebody else's model is asked and read: a small file beside it, written by hand. */
import { z } from 'zod';
import { Transparency } from './model.ts';
import { Slug } from './text.ts';

/** What fills one column of an input. Where a field is unknown, a number is `unknown` (0 where not given) and everything else 0. */
export const ImportColumn = z.union([
  /** The field's number as it is. */
  z.string(),
  z.strictObject({ field: z.string(), unknown: z.number().optional() }),
  /** 1 where the field has this value. */
  z.strictObject({ field: z.string(), value: z.string() }),
  /** The number written for the field's value. */
  z.strictObject({ field: z.string(), codes: z.record(z.string(), z.number()) }),
  /** 1 where the field is true. */
  z.strictObject({ field: z.string(), flag: z.literal(true) }),
  /** The number written for the action that is asked about. */
  z.strictObject({ action: z.record(Slug, z.number()) }),
  z.strictObject({ constant: z.number() }),
]);
export type ImportColumn = z.infer<typeof ImportColumn>;

export const ImportMapping = z.strictObject({
  id: Slug,
  version: z.int().min(1).default(1),
  transparency: Transparency.default(1),
  validTo: z.iso.date().optional(),
  /** Ids of the actions it is about. */
  actions: z.array(Slug).min(1).default(['any']),
  /** Per input of the graph, its columns in order. */
  inputs: z.record(z.string(), z.array(ImportColumn).min(1)),
  output: z.strictObject({
    name: z.string(),
    is: z.enum(['probability', 'log-odds']).default('probability'),
    /** Column of the positive class; `action` = the column of the action's place in `actions`. Absent: the only one, of two the second. */
    column: z.union([z.int().min(0), z.literal('action')]).optional(),
  }),
});
export type ImportMapping = z.infer<typeof ImportMapping>;
