/** Stored text → the checked thing. What is wrong with a row is said without what is in it: the parsers' own messages quote it. */
import type { z } from 'zod';
import { InWords } from '#contract/fault.ts';

/** Throws an InWords that names the kind of row. */
export function readStored<T>(schema: z.ZodType<T>, row: string, text: string): T {
  const parsed = schema.safeParse(parseStored(row, text));
  if (!parsed.success) throw new InWords(`a stored ${row} does not fit its schema`, { cause: parsed.error });
  return parsed.data;
}

export function parseStored(row: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new InWords(`a stored ${row} is no JSON`, { cause });
  }
}
