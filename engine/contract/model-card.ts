/** What a council asks of the card of a model. */
import { z } from 'zod';

/** What the card of a model must show before the model is used. */
export const ModelCardLimits = z
  .strictObject({
    leastAuc: z.number().min(0).max(1).default(0.52),
    /** A higher one is suspected of knowing the outcome. */
    mostAuc: z.number().min(0).max(1).default(0.9),
    /** Positive responses it was learnt from. */
    leastPositives: z.int().min(0).default(200),
    /** Of a model of text, over rows in scope. */
    leastAccuracy: z.number().min(0).max(1).default(0),
  })
  .refine(({ leastAuc, mostAuc }) => leastAuc <= mostAuc, { path: ['leastAuc'], message: 'is above mostAuc: no model could be used' });
export type ModelCardLimits = z.infer<typeof ModelCardLimits>;
