/** Card numbers, the ways they are written and said, and sentences around them. */

/** Test numbers of the card schemes; all pass Luhn. */
export const CARDS = [
  '4111111111111111',
  '5555555555554444',
  '378282246310005',
  '6011111111111117',
  '3530111333300000',
  '30569309025904',
  '4012888888881881',
  '2223003122003222',
  '6200000000000005',
  '4222222222222',
  '6304000000000000000',
  '5105105105105100',
] as const;

const ONES = ['oh', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const TEENS = ['ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'];
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const one = (digit: string): string => ONES[Number(digit)]!;
const groups = (digits: string, size: number): readonly string[] => digits.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];

export const asWords = (digits: string): string => Array.from(digits, one).join(' ');
/** "forty-one eleven": pairs, as people read them. */
export const asPairs = (digits: string): string =>
  groups(digits, 2)
    .map((pair) => {
      const [tens, unit] = pair;
      if (unit === undefined || tens === '0') return asWords(pair);
      if (tens === '1') return TEENS[Number(unit)]!;
      return unit === '0' ? TENS[Number(tens)]! : `${TENS[Number(tens)]!}-${one(unit)}`;
    })
    .join(' ');
/** "four triple one": repeats are named. */
export const asRepeats = (digits: string): string =>
  (digits.match(/(\d)\1{2}|(\d)\2|\d/g) ?? [])
    .map((part) => (part.length === 3 ? `triple ${one(part[0]!)}` : part.length === 2 ? `double ${one(part[0]!)}` : one(part)))
    .join(' ');

/** Ways to write or say a long number. */
export const RENDERINGS: readonly ((digits: string) => string)[] = [
  (d) => d,
  (d) => groups(d, 4).join(' '),
  (d) => groups(d, 4).join('-'),
  (d) => groups(d, 4).join(', '),
  (d) => groups(d, 4).join('.'),
  (d) => groups(d, 4).join(' – '),
  (d) => groups(d, 1).join(' '),
  (d) => groups(d, 3).join(' '),
  (d) => groups(d, 5).join(' / '),
  (d) => groups(d, 4).join('\n'),
  (d) => groups(d, 4).join('\u00a0'),
  (d) => Array.from(d, (digit) => String.fromCharCode(0xff10 + Number(digit))).join(''),
  asWords,
  asPairs,
  asRepeats,
  (d) => groups(d, 4).map(asWords).join(', '),
  (d) =>
    groups(d, 4)
      .map((group, i) => (i % 2 === 0 ? group : asWords(group)))
      .join(' '),
  (d) =>
    groups(d, 4)
      .map((group, i) => (i % 2 === 0 ? asRepeats(group) : group))
      .join(' um '),
  (d) => groups(d, 4).map(asPairs).join(' and then '),
  (d) => asWords(d).toUpperCase(),
];

/** Sentences without a word about cards: the number alone must give itself away. */
export const PLAIN_FRAMES: readonly ((secret: string) => string)[] = [
  (s) => s,
  (s) => `it is ${s} thanks`,
  (s) => `Sure, here you go: ${s}.`,
  (s) => `(${s})`,
  (s) => `I have it in front of me, ${s}, did you get that?`,
  (s) => `and what happens if I give you ${s} and it fails`,
];
