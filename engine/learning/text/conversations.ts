/** What was said before in the same conversation, as rows come by. */
export class Conversations {
  #current = '';
  #said: string[] = [];

  /** What the conversation's earlier rows said, oldest first; rows of one conversation stand together. An empty name is a conversation by itself. */
  next(conversation: string, text: string): readonly string[] {
    if (conversation !== this.#current || conversation === '') this.#said = [];
    this.#current = conversation;
    const before = [...this.#said];
    this.#said.push(text);
    return before;
  }
}

/** Rows looked at for telling which column names conversations. */
const LOOKED_AT = 2_000;
const LEAST_MEAN = 1.5;
const MOST_MEAN = 100;

/**
 * The column whose values each fill one run of rows, several rows long on the whole, as names of conversations do; undefined where
 * there is none. Of several the one with the most values.
 */
export const conversationColumn = (
  columns: readonly string[],
  rows: readonly { readonly fields: readonly string[] }[],
  not: readonly string[],
): string | undefined => {
  const looked = rows.slice(0, LOOKED_AT);
  let best: { readonly column: string; readonly values: number } | undefined;
  for (const [at, column] of columns.entries()) {
    if (not.includes(column) || !/conversation|dialog|session|call|chat|thread/i.test(column)) continue;
    const seen = new Set<string>();
    let runs = 0;
    let last: string | undefined;
    for (const { fields } of looked) {
      const value = fields[at] ?? '';
      if (value !== last) runs += 1;
      last = value;
      seen.add(value);
    }
    const mean = looked.length / Math.max(1, runs);
    if (runs === seen.size && !seen.has('') && mean >= LEAST_MEAN && mean <= MOST_MEAN && seen.size > (best?.values ?? 1))
      best = { column, values: seen.size };
  }
  return best?.column;
};
