import { z } from 'zod';
import { MAX_ID_LENGTH, MAX_TEXT_LENGTH } from './limits.ts';

/** An identifier made by a machine: visible ASCII without spaces, quotes, angle brackets or backslashes. */
export const Id = z
  .string()
  .min(1)
  .max(MAX_ID_LENGTH)
  .regex(/^[!#-&(-;=?-[\]-~]+$/, 'must be visible ASCII without spaces, quotes, angle brackets or backslashes');

/** A name in a policy: lower-case words joined by hyphens. */
export const Slug = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens');

/** Text somebody said or typed. Well-formed Unicode without NUL, which PostgreSQL cannot store. */
export const FreeText = z
  .string()
  .max(MAX_TEXT_LENGTH)
  .refine((text) => text.isWellFormed() && !text.includes('\u0000'), 'must be well-formed Unicode without NUL');

/** A moment: whole milliseconds since 1970-01-01T00:00:00Z, between 2000 and 2100. */
export const AtMs = z.int().min(946_684_800_000).max(4_102_444_800_000);

/** SHA-256 as 64 lower-case hexadecimal digits. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');

/** A BCP 47 language tag such as `en` or `en-AU`. */
export const LanguageTag = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/);

/** A reason somebody writes down, in characters at the least: fewer say nothing. */
export const LEAST_REASON = 3;
/** The same where others read it and act on it. */
export const LEAST_SENTENCE = 10;
