/** Runs of digits, however they are written or spoken: `4111`, `four one one one`, `forty-one eleven`, `double four`, `4 triple one`. */
import type { Token } from './tokens.ts';

/** One number of a run: `4111`, `forty-one`, `triple oh`. */
export interface RunItem {
  readonly digits: string;
  readonly start: number;
  readonly end: number;
  /** `hundred` and `thousand` belong to amounts rather than to numbers that are read out. */
  readonly scale: boolean;
}

export interface NumberRun {
  readonly items: readonly RunItem[];
  readonly digits: string;
  readonly start: number;
  readonly end: number;
  /** Index of the first and the last token. */
  readonly from: number;
  readonly to: number;
}

/** Words in order of what they stand for, the first one for `first`. */
const counted = (words: string, first: number): ReadonlyMap<string, string> =>
  new Map(words.split(' ').map((word, i) => [word, String(first + i)]));

const UNITS = counted('one two three four five six seven eight nine', 1);
const ZERO: ReadonlySet<string> = new Set(['zero', 'oh', 'o', 'nought', 'naught', 'nil']);
const TEENS = counted('ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen', 10);
const TENS = counted('twenty thirty forty fifty sixty seventy eighty ninety', 2);
const PLURALS = counted('zeros ones twos threes fours fives sixes sevens eights nines', 0);
const TIMES: ReadonlyMap<string, number> = new Map([
  ['double', 2],
  ['triple', 3],
  ['treble', 3],
  ['quadruple', 4],
]);
const SCALES: ReadonlyMap<string, string> = new Map([
  ['hundred', '00'],
  ['thousand', '000'],
]);

/** May stand between two numbers of one run. */
export const FILLERS: ReadonlySet<string> = new Set(
  'and then um uh er erm ah hmm mm so okay ok yeah yes yep right dash hyphen space slash stroke comma dot point month year again next followed by'.split(
    ' ',
  ),
);

const MOST_FILLERS = 2;
/** White space and punctuation between two numbers of one run. */
const WIDEST_GAP = 5;

/** Every run of numbers in a text, from left to right. */
export const runsOf = (text: string, tokens: readonly Token[]): readonly NumberRun[] => {
  const runs: NumberRun[] = [];
  let items: RunItem[] = [];
  let from = 0;
  let to = 0;
  const close = (): void => {
    const first = items[0];
    const last = items.at(-1);
    if (first && last)
      runs.push({ items, digits: items.map(({ digits }) => digits).join(''), start: first.start, end: last.end, from, to });
    items = [];
  };
  for (let i = 0; i < tokens.length; ) {
    const found = itemAt(tokens, i, items.length > 0);
    if (found === null) {
      // Fillers are stepped over while a run is open; anything else ends it.
      const token = tokens[i];
      if (items.length > 0 && (token === undefined || !FILLERS.has(token.text) || i - to > MOST_FILLERS)) close();
      i++;
      continue;
    }
    if (items.length > 0 && !continues(text, tokens, to, i)) close();
    if (items.length === 0) from = i;
    items.push(found.item);
    to = i + found.tokens - 1;
    i += found.tokens;
  }
  close();
  return runs;
};

/** No gap between the tokens from `to` to `i` is too wide, and no sign of money stands in one. */
const continues = (text: string, tokens: readonly Token[], to: number, i: number): boolean => {
  for (let at = to; at < i; at++) {
    const gap = text.slice(tokens[at]?.end, tokens[at + 1]?.start);
    if (gap.length > WIDEST_GAP || /\p{Sc}/u.test(gap)) return false;
  }
  return true;
};

const itemAt = (tokens: readonly Token[], i: number, open: boolean): { readonly item: RunItem; readonly tokens: number } | null => {
  const token = tokens[i];
  if (token === undefined) return null;
  const next = tokens[i + 1];
  const item = (digits: string, count: number, scale = false) => ({
    item: { digits, start: token.start, end: (tokens[i + count - 1] ?? token).end, scale },
    tokens: count,
  });
  const times = TIMES.get(token.text);
  if (times !== undefined) {
    const repeated = next && (digitOf(next) ?? PLURALS.get(next.text));
    return repeated === undefined ? null : item(repeated.repeat(times), 2);
  }
  const digit = digitOf(token);
  const plural = next && PLURALS.get(next.text);
  // "four ones", "3 zeros"
  if (digit !== undefined && digit !== '0' && plural !== undefined) return item(plural.repeat(Number(digit)), 2);
  if (token.kind === 'number') return item(token.digits, 1);
  // "oh" alone is a sigh.
  if (ZERO.has(token.text)) return token.text.length > 2 || open || numberFollows(tokens, i) ? item('0', 1) : null;
  if (digit !== undefined) return item(digit, 1);
  const teen = TEENS.get(token.text);
  if (teen !== undefined) return item(teen, 1);
  const tens = TENS.get(token.text);
  if (tens !== undefined) {
    const unit = next?.kind === 'word' ? UNITS.get(next.text) : undefined;
    return unit === undefined ? item(`${tens}0`, 1) : item(`${tens}${unit}`, 2);
  }
  const scale = open ? SCALES.get(token.text) : undefined;
  return scale === undefined ? null : item(scale, 1, true);
};

/** The one digit a token stands for. */
const digitOf = (token: Token): string | undefined =>
  token.kind === 'number' ? (token.digits.length === 1 ? token.digits : undefined) : ZERO.has(token.text) ? '0' : UNITS.get(token.text);

const numberFollows = (tokens: readonly Token[], i: number): boolean => {
  let next = i + 1;
  while (next <= i + MOST_FILLERS && FILLERS.has(tokens[next]?.text ?? '')) next++;
  return startsNumber(tokens[next]);
};

const startsNumber = (token: Token | undefined): boolean =>
  token !== undefined &&
  (token.kind === 'number' ||
    UNITS.has(token.text) ||
    ZERO.has(token.text) ||
    TEENS.has(token.text) ||
    TENS.has(token.text) ||
    TIMES.has(token.text));
