/** The development issuer's answer (`POST /dev/token`). Tokens prove identity only; what the agent may do is looked up at central. */
import { z } from 'zod';
import { ExperienceLevel } from './policy.ts';
import { Id, LanguageTag } from './text.ts';

export const TokenRequest = z.union([
  z.strictObject({ agentId: Id, deviceId: Id }),
  /** A producer of call events or a system of record. */
  z.strictObject({ integration: Id }),
]);

export const TokenResponse = z.object({
  token: z.string(),
  expiresInS: z.int().min(1).max(600),
  /** With an agent's token: who that is. */
  agent: z.object({ id: Id, name: z.string(), level: ExperienceLevel, language: LanguageTag }).optional(),
});
export type TokenResponse = z.infer<typeof TokenResponse>;
