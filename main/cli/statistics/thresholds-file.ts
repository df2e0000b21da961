/** The council's thresholds as a file. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { FairnessThresholds } from '#learning';

const share = z.number().min(0).max(1);

const ThresholdsFile = z.strictObject({
  parityDifference: share.optional(),
  tprDifference: share.optional(),
  fprDifference: share.optional(),
  equalisedOddsDifference: share.optional(),
  parityRatio: share.optional(),
  equalisedOddsRatio: share.optional(),
  rateRatio: z.tuple([z.number().min(0), z.number().min(0)]).optional(),
  gini: share.optional(),
}) satisfies z.ZodType<FairnessThresholds>;

/** In words what is wrong with the file; throws as the file system does. */
export const readThresholds = async (file: string): Promise<FairnessThresholds | string> => {
  let given: unknown;
  try {
    given = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return `${file} is no JSON`;
    throw error;
  }
  const parsed = ThresholdsFile.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${file}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}; thresholds are ${Object.keys(ThresholdsFile.shape).join(', ')}`;
};
