/** Signs that card data is being discussed, and numbers that are plainly something else. */
import type { NumberRun, RunItem } from './number-runs.ts';
import type { Token } from './tokens.ts';

/** Card data is asked for or read out: whatever is longer than two digits goes. A marker stands for what was said there. */
const CARD =
  /\b(?:card (?:numbers?|details|digits|data)|(?:numbers?|digits|details) (?:on|of|off|from|across|for) (?:the|your|my|that|this|a|his|her|our) (?:\w+ )?(?:credit |debit )?card|long (?:card )?numbers?|(?:sixteen|fifteen|nineteen|16|15|19)[- ]digits?|name on (?:the|your) card|primary account number)\b|\[(?:card|code)\]/i;
const A_CARD = /(?<!\[)\bcard\b/i;
/** The short code or the end date of a card. */
const CODE =
  /\b(?:cvv2?|cvc2?|csc|cv2|cid|security (?:code|number|digits)|verification (?:number|value)|card code|(?:three|four|3|4|last three|last 3)[- ](?:digits?|numbers?)(?: (?:security )?(?:code|number))? (?:on|at|from) the (?:back|front|reverse)|(?:code|digits?|numbers?) (?:on|at|from) the (?:back|front|reverse)|back of (?:the|your|my) card|signature strip|expiry|expiration date|exp\.? date)\b/i;
/** About the end date as far as a card is spoken of at all. */
const ENDS = /\b(?:expires?|expiring|expiration|runs out|valid (?:until|thru|through|to))\b/i;
/** A card is named; long numbers near it are probably its number. */
const MENTION =
  /\b(?:credit|debit|bank) cards?\b|\b(?:visa|mastercard|master card|amex|american express|diners(?: club)?|maestro)\b|\bpay(?:ing)? (?:by|with) (?:my |a |the )?card\b/i;

export interface CardTalk {
  readonly strong: boolean;
  /** Short numbers are spoken of: two digits may be too many. */
  readonly code: boolean;
  readonly mention: boolean;
}

export const cardTalkIn = (text: string): CardTalk => {
  const plain = text.replaceAll('’', "'");
  const code = CODE.test(plain) || (ENDS.test(plain) && A_CARD.test(plain));
  return { strong: code || CARD.test(plain), code, mention: MENTION.test(plain) };
};

/** Words after a number that make it an amount, a time, a count or a measure. */
const MEASURES: ReadonlySet<string> = new Set(
  (
    'dollar dollars buck bucks cent cents euro euros pound pounds quid pence percent aud usd eur gbp nzd ' +
    'second seconds minute minutes hour hours day days night nights week weeks month months year years am pm ' +
    'digit digits number numbers time times attempt attempts try tries turn turns step steps option options people person customers ' +
    'gig gigs gigabyte gigabytes gb mb mbps megabit megabits megabytes kilometres kilometers km metres meters kilos channels calls messages texts devices services lines points cards of'
  ).split(' '),
);
const MONTHS: ReadonlySet<string> = new Set(
  'january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec'.split(
    ' ',
  ),
);

/** Longest number that can be an amount. */
const LONGEST_AMOUNT = 7;

/** The parts of a run that may be a secret: without those that carry a sign of money or a measure. */
export const withoutAmounts = (text: string, tokens: readonly Token[], run: NumberRun): readonly (readonly RunItem[])[] => {
  const parts: RunItem[][] = [[]];
  for (const clump of clumpsOf(text, run.items)) {
    if (isAmount(text, tokens, clump, run)) parts.push([]);
    else parts.at(-1)?.push(...clump);
  }
  return parts.filter((part) => part.length > 0);
};

/** Numbers joined without a blank by `.`, `,` or `:`, or into one spoken amount by `hundred` and `thousand`. */
const clumpsOf = (text: string, items: readonly RunItem[]): readonly (readonly RunItem[])[] => {
  const spoken = items.some(({ scale }) => scale);
  const clumps: RunItem[][] = [];
  for (const item of items) {
    const clump = clumps.at(-1);
    const before = clump?.at(-1);
    if (clump && before && (spoken || /^[.,:]$/.test(text.slice(before.end, item.start)))) clump.push(item);
    else clumps.push([item]);
  }
  return clumps;
};

const isAmount = (text: string, tokens: readonly Token[], clump: readonly RunItem[], run: NumberRun): boolean => {
  const first = clump[0];
  const last = clump.at(-1);
  if (!first || !last || clump.reduce((sum, { digits }) => sum + digits.length, 0) > LONGEST_AMOUNT) return false;
  if (
    /\p{Sc}\s?$/u.test(text.slice(Math.max(0, first.start - 3), first.start)) ||
    /^\s?[%\p{Sc}]/u.test(text.slice(last.end, last.end + 3))
  )
    return true;
  if (last.end !== run.end) return false;
  const next = tokens[run.to + 1];
  return next !== undefined && next.start - last.end <= 2 && MEASURES.has(next.text);
};

/** Where a date's month stands before a run, so that it goes with it; otherwise the run's own start. */
export const startWithMonth = (text: string, tokens: readonly Token[], run: NumberRun): number => {
  const before = tokens[run.from - 1];
  return before && MONTHS.has(before.text) && /^[\s,./-]*$/.test(text.slice(before.end, run.start)) ? before.start : run.start;
};

/** A year, a date with its month in words, or a telephone number: not a card number while a card is merely mentioned. */
export const isPlainlyOther = (text: string, tokens: readonly Token[], run: NumberRun): boolean => {
  if (/^(?:19|20)\d\d$/.test(run.digits)) return true;
  if (/^(?:0|13|1300|1800|61|44|1[2-9]\d\d\d\d\d\d\d\d)/.test(run.digits) && run.digits.length <= 12) return true;
  const next = tokens[run.to + 1];
  return startWithMonth(text, tokens, run) !== run.start || (next !== undefined && MONTHS.has(next.text));
};
