/** Letters to put in, take out or replace to make `b` of `a` (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (b[j] === letter ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
};

/** The word most likely meant, or undefined where none is within a third of its letters. */
export const nearestWord = (typed: string, known: readonly string[]): string | undefined => {
  let best: { word: string; distance: number } | undefined;
  for (const word of known) {
    const apart = word.startsWith(typed) && typed.length > 1 ? 1 : distance(typed, word);
    if (apart <= Math.max(2, word.length / 3) && (best === undefined || apart < best.distance)) best = { word, distance: apart };
  }
  return best?.word;
};
