/** A figure as it is told: never without how sure it is. */
import { z } from 'zod';

/** With its interval at 95 %; null: not enough data. */
export const Estimate = z.object({ estimate: z.number(), low: z.number(), high: z.number() }).nullable();
export type Estimate = z.infer<typeof Estimate>;
