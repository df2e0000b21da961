/** Why a prompt is shown: the action's sentences that are true now and whose places are all known. */
import { at } from './at.ts';
import type { Reason } from '#contract/decision.ts';
import { TRUE } from './codes.ts';
import type { CompiledReason } from './compile-reason.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { Candidates } from './filter.ts';
import type { Place } from './templates.ts';
import type { Workspace } from './workspace.ts';

const SHOWN_REASONS = 3;

type Args = Record<string, string | number | boolean>;

/** Reasons in the author's order, at most three, and the first that may be said to the customer. */
export function promptReasons(
  { compiled, x }: Workspace,
  candidates: Candidates,
  action: number,
): { readonly reasons: readonly Reason[]; readonly speakable: Reason | null } {
  const reasons: Reason[] = [];
  let speakable: Reason | null = null;
  for (const [index, reason] of at(compiled.reasons, action).entries()) {
    if (at(compiled.predicates, reason.predicate).evaluate(x) !== TRUE) continue;
    const templateId = `${at(compiled.revision.actions, action).id}/${index}`;
    const args = argsOf(compiled, candidates, reason, reason.textPlaces);
    const spoken = reason.speakPlaces === null ? null : argsOf(compiled, candidates, reason, reason.speakPlaces);
    if (args !== null && reasons.length < SHOWN_REASONS) reasons.push({ templateId, args });
    if (spoken !== null) speakable ??= { templateId, args: spoken };
  }
  return { reasons, speakable };
}

/** Values for the places; null when one of them is unknown. */
function argsOf(compiled: CompiledRevision, candidates: Candidates, reason: CompiledReason, places: readonly Place[]): Args | null {
  const args: Args = {};
  for (const place of places) {
    const value = valueOf(compiled, candidates, reason, place);
    if (value === null) return null;
    args[place.name] = value;
  }
  return args;
}

function valueOf(
  compiled: CompiledRevision,
  { facts, nowMs, field }: Candidates,
  reason: CompiledReason,
  place: Place,
): string | number | boolean | null {
  switch (place.kind) {
    case 'field': {
      const value = field(place.name);
      return Array.isArray(value) ? (value.length === 0 ? null : value.join(', ')) : (value as string | number | boolean | null);
    }
    case 'said':
    case 'ago': {
      const heard = latestHeard(facts.said, reason);
      if (heard === null) return null;
      const [list, phrase, atMs] = heard;
      return place.kind === 'ago' ? Math.max(0, nowMs - atMs) : (compiled.slots.lists[list]?.phrases[phrase] ?? null);
    }
  }
}

/** The latest hearing of the lists the reason names; only if it names none that was heard, of those the action names. */
function latestHeard(said: Candidates['facts']['said'], reason: CompiledReason): Candidates['facts']['said'][number] | null {
  for (const lists of reason.lists) {
    let latest: Candidates['facts']['said'][number] | null = null;
    for (const heard of said) if (lists.includes(heard[0]) && (latest === null || heard[2] > latest[2])) latest = heard;
    if (latest !== null) return latest;
  }
  return null;
}
