/** Where two records differ: paths of members, never their values. */
import { REASON_ALPHABET, REASONS } from '#contract/reason-codes.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Paths such as `inputs.counts[2]`, in order of their names; at most `limit`. */
export const differingMembers = (one: unknown, other: unknown, limit = 8): readonly string[] => {
  const found: string[] = [];
  const walk = (left: unknown, right: unknown, path: string): void => {
    if (found.length >= limit || Object.is(left, right)) return;
    if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
      for (const [index, item] of left.entries()) walk(item, right[index], `${path}[${index}]`);
    } else if (isObject(left) && isObject(right)) {
      for (const name of [...new Set([...Object.keys(left), ...Object.keys(right)])].toSorted())
        walk(left[name], right[name], path === '' ? name : `${path}.${name}`);
    } else found.push(path === '' ? 'the whole record' : path);
  };
  walk(one, other, '');
  return found;
};

const reasonOf = (letter: string | undefined): string => {
  const reason = letter === undefined ? undefined : REASONS[REASON_ALPHABET.indexOf(letter)];
  return reason === undefined ? 'nothing' : `${reason.stage}/${reason.code}`;
};

/** The first action whose reason differs, in words; null where none does. */
export const differingReason = (recorded: unknown, again: unknown, actionIds: readonly string[]): string | null => {
  if (typeof recorded !== 'string' || typeof again !== 'string') return null;
  const length = Math.max(recorded.length, again.length);
  for (let index = 0; index < length; index++) {
    if (recorded[index] === again[index]) continue;
    return `${actionIds[index] ?? `action ${index}`} ends as ${reasonOf(again[index])}, the record says ${reasonOf(recorded[index])}`;
  }
  return null;
};
