/** Text cut into words, digits and markers, with the digits that number words stand for. */

/** What stands in place of something that must not be kept. */
export const MARKERS = ['[card]', '[code]', '[secret]'] as const;
export type Marker = (typeof MARKERS)[number];

export interface Token {
  readonly kind: 'number' | 'word' | 'marker';
  /** Lower case. */
  readonly text: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** ASCII digits as written; empty for words. */
  readonly digits: string;
}

const PART = /\[(?:card|code|secret)\]|\p{Nd}+|\p{L}[\p{L}\p{M}]*(?:['’]\p{L}[\p{L}\p{M}]*)*/gu;

export const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  for (const match of text.matchAll(PART)) {
    const part = match[0];
    const start = match.index;
    const end = start + part.length;
    if (part.startsWith('[')) tokens.push({ kind: 'marker', text: part, start, end, digits: '' });
    else if (!/\p{Nd}/u.test(part)) tokens.push({ kind: 'word', text: part.toLowerCase().replaceAll('’', "'"), start, end, digits: '' });
    else {
      const digits = asciiDigits(part);
      // "5G", "3rd", "24h": a short number with letters behind it is a name or a measure, not a part of a longer number.
      const measure = digits.length <= 4 && /^\p{L}/u.test(text.slice(end, end + 2));
      tokens.push({ kind: measure ? 'word' : 'number', text: part, start, end, digits: measure ? '' : digits });
    }
  }
  return tokens;
};

/** First digits of the scripts whose digits do not become ASCII by compatibility normalisation. */
const ZEROS = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040] as const;

const asciiDigits = (digits: string): string =>
  /^[0-9]+$/.test(digits)
    ? digits
    : Array.from(digits.normalize('NFKC'), (digit) => {
        if (digit >= '0' && digit <= '9') return digit;
        const code = digit.codePointAt(0) ?? 0;
        const zero = ZEROS.find((first) => code >= first && code < first + 10);
        // A digit of a rarer script still counts as one, so that its number is long enough to be noticed.
        return zero === undefined ? '0' : String(code - zero);
      }).join('');
