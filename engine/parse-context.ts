/**
 * A call's context as it came from the socket → what of it can be believed. One bad value costs that value and no more:
 * a field that does not fit is unknown, as is a line of the history; the rest of the profile stays. Doubt opens nothing: where a
 * consent cannot be read, grants it may have taken back are dropped with it, and answers that cannot be read make the context incomplete.
 */
import { z } from 'zod';
import { CallContext, MAX_CONTEXT_OUTCOMES } from '#contract/live.ts';
import { Outcome } from '#contract/outcome.ts';
import { Consent, FieldValue, Interaction, MAX_CONSENTS, MAX_HISTORY, ProfileSlice, Purpose } from '#contract/profile.ts';

export interface ParsedContext {
  readonly context: CallContext;
  /** Something was left out. */
  readonly isPartial: boolean;
}

/** What must be there for anything to be said of anybody. */
const Outline = CallContext.extend({ profile: z.unknown(), outcomes: z.unknown() });
const ProfileOutline = z.object({
  ...ProfileSlice.shape,
  // What a customer is called, and in which language, is worth less than all that is known of them.
  displayName: ProfileSlice.shape.displayName.catch(''),
  language: ProfileSlice.shape.language.catch('und'),
  fields: z.unknown(),
  consents: z.unknown(),
  history: z.unknown(),
});
const FieldName = z.string().max(64);

/** Null where it is not even known which call it is about. */
export function parseContext(raw: unknown): ParsedContext | null {
  const whole = CallContext.safeParse(raw);
  if (whole.success) return { context: whole.data, isPartial: false };
  const outline = Outline.safeParse(raw);
  if (!outline.success) return null;
  const { callId, complete } = outline.data;
  const outcomes = fitting(Outcome, outline.data.outcomes);
  const context = CallContext.safeParse({
    callId,
    profile: profileOf(outline.data.profile),
    // Of too many the newest.
    outcomes: outcomes.fit.slice(-MAX_CONTEXT_OUTCOMES),
    complete: complete && outcomes.misfits.length === 0 && outcomes.fit.length <= MAX_CONTEXT_OUTCOMES,
  });
  return context.success ? { context: context.data, isPartial: true } : null;
}

/** Null where it is not known whose it is, how old, or which version. */
function profileOf(raw: unknown): ProfileSlice | null {
  const outline = ProfileOutline.safeParse(raw);
  if (!outline.success) return null;
  const { fields, consents, history, ...who } = outline.data;
  const profile = ProfileSlice.safeParse({
    ...who,
    fields: fieldsOf(fields),
    consents: consentsOf(consents),
    history: fitting(Interaction, history).fit.slice(-MAX_HISTORY),
  });
  return profile.success ? profile.data : null;
}

function fieldsOf(raw: unknown): ProfileSlice['fields'] {
  const named = z.record(z.string(), z.unknown()).safeParse(raw);
  if (!named.success) return {};
  return Object.fromEntries(
    Object.entries(named.data).flatMap(([name, given]) => {
      const value = FieldValue.nullable().safeParse(given);
      return value.success && FieldName.safeParse(name).success ? [[name, value.data] as const] : [];
    }),
  );
}

/** Of a purpose of which one word cannot be read only refusals are kept; of every purpose where that word may be about any. */
function consentsOf(raw: unknown): readonly Consent[] {
  const { fit, misfits } = fitting(Consent, raw);
  if (fit.length > MAX_CONSENTS) return fit.filter(({ granted }) => !granted).slice(0, MAX_CONSENTS);
  const doubtful = new Set<string>();
  for (const misfit of misfits) {
    const purpose = z.object({ purpose: Purpose }).safeParse(misfit);
    if (!purpose.success) return fit.filter(({ granted }) => !granted);
    doubtful.add(purpose.data.purpose);
  }
  return fit.filter(({ purpose, granted }) => !granted || !doubtful.has(purpose));
}

/** What is no list is one misfit. */
function fitting<T>(schema: z.ZodType<T>, raw: unknown): { readonly fit: readonly T[]; readonly misfits: readonly unknown[] } {
  if (!Array.isArray(raw)) return { fit: [], misfits: [raw] };
  const [fit, misfits]: [T[], unknown[]] = [[], []];
  for (const one of raw) {
    const parsed = schema.safeParse(one);
    if (parsed.success) fit.push(parsed.data);
    else misfits.push(one);
  }
  return { fit, misfits };
}
