/** Sentences of the policy with their values and how to write them, for the window to format in the agent's language. */
import type { CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import type { Reason } from '#contract/decision.ts';
import type { SentenceView } from '#contract/desk.ts';
import type { FieldFact } from '#core';

type Format = SentenceView['formats'][string];

const PLACE = /\{([^{}]+)\}/g;

export const placesIn = (template: string): readonly string[] => [...template.matchAll(PLACE)].map((match) => (match[1] ?? '').trim());

/** `atMs` is when the values were read: how long ago something was becomes the moment it was, because a card stays on screen. */
export function sentence(revision: CheckedRevision, template: string, args: Reason['args'], atMs: number): SentenceView {
  const places = placesIn(template);
  return {
    template,
    args: Object.fromEntries(
      places.flatMap((place) => {
        const value = args[place];
        if (value === undefined) return [];
        return [[place, place === 'ago' && typeof value === 'number' ? atMs - value : value]];
      }),
    ),
    formats: Object.fromEntries(places.map((place) => [place, formatOf(revision, place)])),
  };
}

/** A treatment's line to read aloud; null when one of its values is unknown. `heard` gives {said} and {ago}. */
export function spokenLine(
  revision: CheckedRevision,
  template: string,
  field: (path: string) => FieldFact,
  heard: Reason['args'],
  atMs: number,
): SentenceView | null {
  const args: Record<string, string | number | boolean> = {};
  for (const place of placesIn(template)) {
    const value = place === 'said' || place === 'ago' ? heard[place] : asText(field(place));
    if (value === undefined || value === null) return null;
    args[place] = value;
  }
  return sentence(revision, template, args, atMs);
}

const asText = (value: FieldFact): string | number | boolean | null =>
  typeof value === 'object' && value !== null ? value.join(', ') : value;

function formatOf(revision: CheckedRevision, place: string): Format {
  if (place === 'said') return { as: 'text' };
  if (place === 'ago') return { as: 'ago' };
  const field = revision.fields.find(({ path }) => path === place);
  return field === undefined ? { as: 'text' } : formatOfField(field, revision.currency);
}

function formatOfField({ type, unit }: CheckedField, currency: string): Format {
  switch (type) {
    case 'number':
      if (unit === currency) return { as: 'money', unit };
      return unit === undefined ? { as: 'number' } : { as: 'number', unit };
    case 'time':
      return { as: 'time' };
    case 'boolean':
      return { as: 'boolean' };
    case 'enum':
    case 'text':
    case 'set':
      return { as: 'text' };
  }
}
