import type { NumberRun } from './number-runs.ts';

const SHORTEST = 13;
const LONGEST = 19;

/** The check of ISO/IEC 7812-1 annex B (Luhn): from the right, every second digit doubled, the digit sums add up to a multiple of ten. */
export const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let i = digits.length - 1, doubled = false; i >= 0; i--, doubled = !doubled) {
    const digit = digits.charCodeAt(i) - 48;
    sum += doubled ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
};

/** Beginnings and lengths that the large schemes issue. */
const SCHEMES = [
  /^4(?:\d{12}|\d{15}|\d{18})$/,
  /^(?:5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12})$/,
  /^3[47]\d{13}$/,
  /^3(?:0[0-5]|[689]\d)\d{11,16}$/,
  /^35(?:2[89]|[3-8]\d)\d{12,15}$/,
  /^6(?:011|4[4-9]\d|5\d\d|2\d\d)\d{12,15}$/,
  /^(?:50|5[6-9]|6\d)\d{11,17}$/,
] as const;

/**
 * Whether a run holds a card number: all of it, or a part between two of its numbers (an expiry date or a
 * code may be read out in the same breath). A part must look issued as well, because many parts of one
 * long run are tried and one in ten numbers passes the check by chance.
 */
export const holdsCardNumber = ({ digits, items }: NumberRun): boolean => {
  if (digits.length < SHORTEST) return false;
  if (digits.length <= LONGEST && passesLuhn(digits)) return true;
  const issued = (part: string): boolean => passesLuhn(part) && SCHEMES.some((scheme) => scheme.test(part));
  for (let from = 0; from < items.length; from++) {
    const first = items[from]?.digits ?? '';
    // Written without a blank before the expiry date or the code.
    if (first.length > 16 && (issued(first.slice(0, 16)) || issued(first.slice(0, 15)))) return true;
    let part = '';
    for (let to = from; to < items.length && part.length < LONGEST; to++) {
      part += items[to]?.digits ?? '';
      if (part.length < SHORTEST || part.length > LONGEST) continue;
      if (issued(part)) return true;
    }
  }
  return false;
};
