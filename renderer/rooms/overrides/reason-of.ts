import type { OverrideItem } from '#contract/override-review.ts';
import type { useText } from '../../wording/use-text.ts';

/** What the agent did instead, and why. */
export const reasonOf = (text: ReturnType<typeof useText>, kind: OverrideItem['kind'], reason: string | null): string =>
  reason === null ? text(`overrides.kind.${kind}`) : `${text(`overrides.kind.${kind}`)} · ${text(`reason.${reason}`)}`;
