/** What each field of the catalogue contributed to a model's answer for one action. */
import { z } from 'zod';

/** In the place of a path: what was answered to the action itself. Its value is the number of answers. */
export const ANSWERS = 'answers';

export const Contribution = z.strictObject({
  /** Path in the catalogue, or ANSWERS. */
  field: z.string(),
  /** What the catalogue calls it; absent where no catalogue was asked. */
  label: z.string().optional(),
  /** The field's value, times in milliseconds; null = unknown. */
  value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).nullable(),
  /** How far it moved the log-odds from the base, up or down. */
  logOdds: z.number(),
});
export type Contribution = z.infer<typeof Contribution>;

/** Why contributions cannot be told. */
export const NOT_TOLD = [
  'no-model',
  'other-model',
  'unknown-action',
  /** The action's issue asks for a model that people can follow better: its propensity is the starting one. */
  'not-transparent',
  'forbidden-field',
  'opaque',
  'not-reproduced',
] as const;
export const NotTold = z.enum(NOT_TOLD);
export type NotTold = z.infer<typeof NotTold>;

/**
 * `base` is the mean log-odds of the model's background customers; base + Σ logOdds are the log-odds of this one, and
 * P = 1 / (1 + e^−log-odds) is the model's propensity before smoothing. Largest first, equal ones by path.
 */
export const Contributions = z.discriminatedUnion('exact', [
  z.strictObject({ exact: z.literal(true), base: z.number(), contributions: z.array(Contribution) }),
  /** `why` in words for people who look after models. */
  z.strictObject({ exact: z.literal(false), reason: NotTold, why: z.string() }),
]);
export type Contributions = z.infer<typeof Contributions>;
