/**
 * Rows of separated text (CSV, TSV), read piece by piece so that a file never has to fit in memory.
 *
 * A field that begins with a quote runs to the next lone quote and may hold separators and line
 * ends; a doubled quote in it is one quote. A quote elsewhere is an ordinary character.
 */

/** One row with the number of the line it begins on (from 1). */
export interface SeparatedRow {
  readonly line: number;
  readonly fields: readonly string[];
}

const SEPARATORS = [',', ';', '\t', '|'] as const;

/** The separator found most often outside quotes in the first line; a comma where there is none. */
export const recogniseSeparator = (text: string): string => {
  const counts = new Map<string, number>(SEPARATORS.map((separator) => [separator, 0]));
  let quoted = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    if (quoted) continue;
    if (char === '\n' || char === '\r') break;
    const count = counts.get(char);
    if (count !== undefined) counts.set(char, count + 1);
  }
  let best: string = SEPARATORS[0];
  for (const separator of SEPARATORS) if ((counts.get(separator) ?? 0) > (counts.get(best) ?? 0)) best = separator;
  return best;
};

export class SeparatedRows {
  #separator: string | undefined;
  #waiting = '';
  #fields: string[] = [];
  #field = '';
  #line = 1;
  #rowLine = 1;
  #state: 'start' | 'plain' | 'quoted' | 'closing' = 'start';
  #sawReturn = false;

  /** @param separator one character; absent = recognised from the first line. */
  constructor(separator?: string) {
    this.#separator = separator;
  }

  /** The rows that became complete with this piece of text. */
  push(text: string): SeparatedRow[] {
    if (this.#separator !== undefined) return this.#read(text);
    this.#waiting += text;
    if (!/[\r\n]/.test(this.#waiting)) return [];
    return this.#begin();
  }

  /** The last row where the text did not end with a line end. Throws where a quoted field was never closed, naming its line. */
  end(): SeparatedRow[] {
    const rows = this.#separator === undefined ? this.#begin() : [];
    if (this.#state === 'quoted') throw new Error(`line ${this.#rowLine}: a quoted field is never closed; add the missing quote`);
    if (this.#state !== 'start' || this.#fields.length > 0) rows.push(this.#endRow());
    return rows;
  }

  #begin(): SeparatedRow[] {
    const text = this.#waiting.startsWith('\uFEFF') ? this.#waiting.slice(1) : this.#waiting;
    this.#waiting = '';
    this.#separator = recogniseSeparator(text);
    return this.#read(text);
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = '';
    this.#state = 'start';
  }

  #endRow(): SeparatedRow {
    this.#endField();
    const row = { line: this.#rowLine, fields: this.#fields };
    this.#fields = [];
    return row;
  }

  /** The line that begins here without its line end, if it is whole and need not be read character by character; null where not. */
  #plainLine(text: string, at: number): string | null {
    if (this.#state !== 'start' || this.#fields.length > 0 || this.#sawReturn) return null;
    const end = text.indexOf('\n', at);
    if (end <= at) return null;
    const line = text.slice(at, text[end - 1] === '\r' ? end - 1 : end);
    return line === '' || line.includes('"') || line.includes('\r') ? null : line;
  }

  #read(text: string): SeparatedRow[] {
    const rows: SeparatedRow[] = [];
    for (let at = 0; at < text.length; at++) {
      const plain = this.#plainLine(text, at);
      if (plain !== null) {
        rows.push({ line: this.#line, fields: plain.split(this.#separator as string) });
        this.#line += 1;
        this.#rowLine = this.#line;
        at = text.indexOf('\n', at + plain.length);
        continue;
      }
      const char = text[at] as string;
      const afterReturn = this.#sawReturn;
      this.#sawReturn = char === '\r';
      const lineEnd = char === '\r' || char === '\n';
      const halfOfReturn = char === '\n' && afterReturn;
      if (lineEnd && !halfOfReturn) this.#line += 1;

      if (this.#state === 'quoted') {
        if (char === '"') this.#state = 'closing';
        else this.#field += char;
        continue;
      }
      if (this.#state === 'closing' && char === '"') {
        this.#field += '"';
        this.#state = 'quoted';
        continue;
      }
      if (lineEnd) {
        // The second half of a Windows line end belongs to the row already finished; an empty line is no row.
        const emptyLine = this.#state === 'start' && this.#fields.length === 0;
        if (!halfOfReturn && !emptyLine) rows.push(this.#endRow());
        this.#rowLine = this.#line;
        continue;
      }
      if (char === this.#separator) {
        this.#endField();
        continue;
      }
      if (this.#state === 'start' && char === '"') {
        this.#state = 'quoted';
        continue;
      }
      this.#field += char;
      if (this.#state === 'start') this.#state = 'plain';
    }
    return rows;
  }
}

/** A table with named columns. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly SeparatedRow[];
}

/** A whole text as a table. Throws, naming the line, where a row's width differs from the heading's or there is no heading. */
export const readTable = (text: string, separator?: string): Table => {
  const reader = new SeparatedRows(separator);
  const [heading, ...rows] = [...reader.push(text), ...reader.end()];
  if (heading === undefined) throw new Error('the table is empty: the first line must name the columns');
  const columns = heading.fields.map((name) => name.trim());
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`line 1: the column "${twice}" is named twice`);
  for (const row of rows) {
    if (row.fields.length !== columns.length)
      throw new Error(`line ${row.line}: ${row.fields.length} fields where the heading has ${columns.length}`);
  }
  return { columns, rows };
};
