import type { Plugin } from 'vite';

const ACCENTED: Readonly<Record<string, string>> = {
  a: 'á',
  b: 'ƀ',
  c: 'ç',
  d: 'ð',
  e: 'é',
  f: 'ƒ',
  g: 'ĝ',
  h: 'ĥ',
  i: 'í',
  j: 'ĵ',
  k: 'ķ',
  l: 'ļ',
  m: 'ɱ',
  n: 'ñ',
  o: 'ó',
  p: 'þ',
  r: 'ŕ',
  s: 'š',
  t: 'ţ',
  u: 'ú',
  v: 'ṽ',
  w: 'ŵ',
  x: 'ẋ',
  y: 'ý',
  z: 'ž',
  A: 'Á',
  C: 'Ç',
  E: 'É',
  L: 'Ļ',
  N: 'Ñ',
  O: 'Ó',
  S: 'Š',
  T: 'Ţ',
  W: 'Ŵ',
};
/** How much longer the words of another language are taken to be. */
const LONGER = 0.4;

/** An ICU message with accented letters and two fifths more text; what is in braces as syntax stays. */
export function pseudoMessage(message: string): string {
  let depth = 0;
  let letters = 0;
  let out = '';
  for (const character of message) {
    if (character === '{') depth += 1;
    // Odd depths are arguments (`{count, plural, …`), even ones are text again.
    const isText = depth % 2 === 0 && character !== '}';
    if (isText) letters += 1;
    out += isText ? (ACCENTED[character] ?? character) : character;
    if (character === '}') depth -= 1;
  }
  const more = Math.ceil(letters * LONGER);
  const words = Array.from({ length: Math.ceil(more / 6) }, (_, index) => 'öŕéñúí'.slice(0, Math.min(6, more - index * 6)));
  return `${out} ${words.join(' ')}`;
}

/** Builds the window with the pseudo-locale in the place of English. */
export const pseudoLocale: Plugin = {
  name: 'pseudo-locale',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('en.json?raw')) return null;
    const source = JSON.parse(JSON.parse(code.slice(code.indexOf('"'), code.lastIndexOf('"') + 1)) as string) as Record<string, string>;
    const pseudo = Object.fromEntries(Object.entries(source).map(([key, message]) => [key, pseudoMessage(message)]));
    return { code: `export default ${JSON.stringify(JSON.stringify(pseudo))}`, map: null };
  },
};
