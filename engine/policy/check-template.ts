import type { Catalogue } from './catalogue.ts';
import { didYouMean } from './nearest-name.ts';

/** Filled in from what was said on the call, not from a field. */
const SPOKEN_PLACES: ReadonlySet<string> = new Set(['said', 'ago']);

/** What is wrong with the places of a sentence such as `Up by {profile.billIncrease}`. */
export const templateFaults = (template: string, catalogue: Catalogue): readonly { readonly offset: number; readonly reason: string }[] => {
  const faults: { offset: number; reason: string }[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    const stray = template.indexOf('}', at);
    if (stray >= 0 && (open < 0 || stray < open)) {
      faults.push({ offset: stray, reason: `"}" without "{": write a place as {profile.name}` });
      at = stray + 1;
      continue;
    }
    if (open < 0) break;
    const close = template.indexOf('}', open);
    if (close < 0) {
      faults.push({ offset: open, reason: '"{" without "}": write a place as {profile.name}' });
      break;
    }
    const reason = placeFault(template.slice(open + 1, close), catalogue);
    if (reason !== null) faults.push({ offset: open, reason });
    at = close + 1;
  }
  return faults;
};

const placeFault = (place: string, catalogue: Catalogue): string | null => {
  if (SPOKEN_PLACES.has(place)) return null;
  const field = catalogue.fields.get(place);
  if (field === undefined) {
    if (catalogue.brokenFields.has(place) || !catalogue.fieldsComplete) return null;
    return `the place {${place}} is no field${didYouMean(place, [...catalogue.fields.keys(), ...SPOKEN_PLACES]) || '; declare it in fields.yaml, or use {said} or {ago}'}`;
  }
  if (field.kind === 'protected') return `{${place}} is a protected field and must never be shown or read out: take it out`;
  return null;
};

/** What is wrong with a text that has no places. */
export const plainTextFault = (text: string): string | null =>
  /[{}]/.test(text) ? 'places in braces are filled only in "text", "speak" and "say": write plain words here' : null;
