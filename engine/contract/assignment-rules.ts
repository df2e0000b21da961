/** What a policy gives to shares of customers, agents or sites alone, as its author writes it in revision.yaml. */
import { z } from 'zod';
import { ASSIGNED_ANEW, EXPERIMENT_ARMS, EXPERIMENT_UNITS } from './experiments.ts';
import { Slug } from './text.ts';

/** Everybody is assigned anew so often; absent = never. */
const anew = z.enum(ASSIGNED_ANEW).optional();

export const ControlRule = z.strictObject({ share: z.number().min(0).max(0.5), salt: Slug, anew });

export const ExperimentRule = z
  .strictObject({
    salt: Slug,
    unit: z.enum(EXPERIMENT_UNITS),
    anew,
    arms: z
      .array(z.strictObject({ arm: z.enum(EXPERIMENT_ARMS), share: z.number().gt(0).max(0.5) }))
      .min(1)
      .max(EXPERIMENT_ARMS.length),
  })
  .refine(({ arms }) => new Set(arms.map(({ arm }) => arm)).size === arms.length, { message: 'an arm is named twice' })
  .refine(({ arms }) => arms.reduce((sum, { share }) => sum + share, 0) <= 0.9, {
    message: 'the arms take more than 0.9 together: nothing is left to measure against',
  });

export const ChallengerRule = z.strictObject({
  model: Slug,
  share: z.number().min(0).max(0.5),
  salt: Slug,
  unit: z.enum(EXPERIMENT_UNITS),
  anew,
});

/** A proposition that a share of customers (or of callers nobody knows, by call) does not get, to measure what it is worth. It has an end. */
export const HoldoutDefinition = z
  .strictObject({
    id: Slug,
    name: z.string().min(1).max(80),
    /** What is kept from them: at least one of the three. */
    actions: z.array(Slug).min(1).optional(),
    groups: z.array(Slug).min(1).optional(),
    issues: z.array(Slug).min(1).optional(),
    share: z.number().gt(0).max(0.5),
    salt: Slug,
    anew,
    from: z.iso.datetime({ offset: true }),
    /** Exclusive. */
    until: z.iso.datetime({ offset: true }),
  })
  .refine(({ actions, groups, issues }) => actions !== undefined || groups !== undefined || issues !== undefined, {
    message: 'a holdout holds nothing out: name actions, groups or issues',
  });
export type HoldoutDefinition = z.infer<typeof HoldoutDefinition>;
