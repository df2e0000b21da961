/** A recorded session between a customer and an agent, in the form of the STAR corpus (github.com/RasaHQ/STAR). What is not named is not read. */
import { z } from 'zod';

const Event = z.looseObject({
  Agent: z.string(),
  Action: z.string(),
  Text: z.string().optional(),
  ActionLabel: z.string().optional(),
  Task: z.string().optional(),
  Constraints: z.array(z.record(z.string(), z.unknown())).optional(),
  Item: z.record(z.string(), z.unknown()).nullish(),
  TotalItems: z.number().optional(),
});

export const SessionRecord = z.looseObject({
  Scenario: z.looseObject({
    Happy: z.boolean(),
    MultiTask: z.boolean().optional(),
    WizardCapabilities: z.array(z.looseObject({ Task: z.string() })),
  }),
  Events: z.array(Event),
});
export type SessionRecord = z.infer<typeof SessionRecord>;
