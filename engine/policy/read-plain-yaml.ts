/**
 * The plain YAML nearly every policy file is written in, read line by line: block maps and lists, flow ones that end on their
 * line, words, and quoted text that ends on its line.
 *
 * A short cut, not a second reading: whatever is not plain beyond doubt (a block of text, an escape, an anchor, a number in
 * an odd form, anything wrong) is left to the library as a whole file, which gives the same value and lines for whatever is
 * read here (test/policy/plain-yaml.test.ts). The library takes ten times as long, most of a cold start with 1,000 actions.
 */
import { MAX_DEPTH, type Place } from './policy-source.ts';

export interface PlainYaml {
  readonly value: unknown;
  readonly place: Place;
}

/** Tabs, carriage returns, other controls and marks that YAML treats in a way of its own. */
const NOT_PLAIN = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\u{10000}-\u{10ffff}]/u;
const NOT_ASCII = /[^\n\x20-\x7e]/;
const BLOCK_KEY = /[A-Za-z][A-Za-z0-9_.-]*:(?= |$)/y;
const FLOW_KEY = /[A-Za-z][A-Za-z0-9_.-]*:(?= )/y;
/** After one blank, words to the end of the line without anything that could mean more: what most lines end with. */
const WORDS = / [A-Za-z](?:[A-Za-z0-9_ .,;<>=!?()/+-]*[A-Za-z0-9_.,;<>=!?()/+-])?$/y;
/** Words in a flow map or list; a colon in them is left to the library. */
const FLOW_WORDS = /(?:-(?=[0-9])|[^\s,[\]{}:#&*!|>'"%@`?-])[^,[\]{}:#]*/y;
/** The words that are no text; in another case than small they are left to the library. */
const SPECIAL = /^(?:true|false|null|~)$/i;
const DECIMAL = /^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,20})?$/;
/** Lengths of time and dates look like numbers but are none. */
const NO_NUMBER = /^(?:[0-9]+[smhd]|[0-9]{4}-.*)$/;
const SPACE = 32;
const DASH = 45;
const HASH = 35;

/** Value and places of a text, or null when it must be read by the library. */
export const readPlainYaml = (text: string): PlainYaml | null => {
  if (NOT_ASCII.test(text) && NOT_PLAIN.test(text)) return null;
  const reader = new Reader(text.split('\n'));
  const value = reader.document();
  return value === undefined ? null : { value, place: reader.place };
};

/** Every method gives undefined as soon as something is not plain. */
class Reader {
  /** Of what was read last. */
  place: Place = 1;
  readonly #lines: readonly string[];
  /** The line that is read, its number from 0, and the column of its first letter; −1 after the last line. */
  #line = '';
  #row = 0;
  #indent = 0;
  /** Where an inline value ended on its line. */
  #end = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  document(): unknown {
    this.#seek();
    const value = this.#indent === 0 ? this.#block(0, 0) : undefined;
    return this.#indent < 0 ? value : undefined;
  }

  /** Goes to the next line that is not blank and no comment, from the current one on. */
  #seek(): void {
    for (; this.#row < this.#lines.length; this.#row++) {
      const line = this.#lines[this.#row] ?? '';
      const column = afterSpaces(line, 0);
      if (column === line.length || line.charCodeAt(column) === HASH) continue;
      this.#line = line;
      this.#indent = column;
      return;
    }
    this.#indent = -1;
  }

  #next(): void {
    this.#row++;
    this.#seek();
  }

  #atDash(): boolean {
    const line = this.#line;
    return line.charCodeAt(this.#indent) === DASH && (line.length === this.#indent + 1 || line.charCodeAt(this.#indent + 1) === SPACE);
  }

  #block(indent: number, depth: number): unknown {
    if (depth >= MAX_DEPTH) return undefined;
    return this.#atDash() ? this.#list(indent, depth) : this.#map(indent, depth);
  }

  #map(indent: number, depth: number): unknown {
    const value: Record<string, unknown> = {};
    const of: Record<string, Place> = {};
    const line = this.#row + 1;
    do {
      const row = this.#row;
      const key = keyAt(BLOCK_KEY, this.#line, indent);
      if (key === null || Object.hasOwn(value, key)) return undefined;
      const read = this.#afterMark(indent + key.length + 1, indent, depth, true);
      if (read === undefined) return undefined;
      value[key] = read;
      of[key] = read === null ? row + 1 : this.place;
      if (this.#indent === indent && this.#atDash()) return undefined;
    } while (this.#indent === indent);
    if (this.#indent > indent) return undefined;
    this.place = { line, of };
    return value;
  }

  #list(indent: number, depth: number): unknown {
    const line = this.#row + 1;
    const first = this.#item(indent, depth);
    if (first === undefined) return undefined;
    // Most lists are short; one that starts empty is given room for seventeen by its first item.
    const value = [first];
    const of = [first === null ? line : this.place];
    while (this.#indent === indent && this.#atDash()) {
      const row = this.#row;
      const read = this.#item(indent, depth);
      if (read === undefined) return undefined;
      value.push(read);
      of.push(read === null ? row + 1 : this.place);
    }
    if (this.#indent > indent) return undefined;
    this.place = { line, of };
    return value;
  }

  #item(indent: number, depth: number): unknown {
    const column = afterSpaces(this.#line, indent + 1);
    if (keyAt(BLOCK_KEY, this.#line, column) === null) return this.#afterMark(indent + 1, indent, depth, false);
    // A map that starts behind the dash: its other keys stand below its first.
    if (depth + 1 >= MAX_DEPTH) return undefined;
    return this.#map(column, depth + 1);
  }

  /** What follows a key's colon or a dash: a value on the line, or a block below it. A list may stand right below its key. */
  #afterMark(from: number, indent: number, depth: number, isKey: boolean): unknown {
    const line = this.#line;
    WORDS.lastIndex = from;
    if (WORDS.test(line)) {
      const value = this.#scalar(line.slice(from + 1));
      this.#next();
      return this.#indent > indent ? undefined : value;
    }
    if (!isBlank(line, from)) {
      const value = this.#inline(line, afterSpaces(line, from), depth + 1);
      if (value === undefined || !isBlank(line, this.#end)) return undefined;
      this.#next();
      // Deeper lines would go on with the value.
      return this.#indent > indent ? undefined : value;
    }
    this.#next();
    if (this.#indent > indent) return this.#block(this.#indent, depth + 1);
    return isKey && this.#indent === indent && this.#atDash() ? this.#block(indent, depth + 1) : null;
  }

  #inline(line: string, column: number, depth: number): unknown {
    const mark = line[column] ?? '';
    if (mark === "'" || mark === '"' || mark === '[' || mark === '{') return this.#marked(line, column, depth);
    if ('-?:,]}#&*!|>%@`'.includes(mark) && !(mark === '-' && isDigit(line.charCodeAt(column + 1)))) return undefined;
    const comment = line.indexOf(' #', column);
    const text = withoutEnd(comment < 0 ? line.slice(column) : line.slice(column, comment));
    if (text.endsWith(':') || text.includes(': ')) return undefined;
    this.#end = line.length;
    return this.#scalar(text);
  }

  /** Quoted text, or a flow map or list. */
  #marked(line: string, column: number, depth: number): unknown {
    switch (line[column]) {
      case "'":
        return this.#singleQuoted(line, column);
      case '"': {
        const end = line.indexOf('"', column + 1);
        const text = end < 0 ? '\\' : line.slice(column + 1, end);
        this.#end = end + 1;
        this.place = this.#row + 1;
        return text.includes('\\') ? undefined : text;
      }
      case '[':
        return depth < MAX_DEPTH ? this.#flowList(line, column, depth) : undefined;
      default:
        return depth < MAX_DEPTH ? this.#flowMap(line, column, depth) : undefined;
    }
  }

  #singleQuoted(line: string, column: number): string | undefined {
    let end = line.indexOf("'", column + 1);
    let doubled = false;
    while (end >= 0 && line[end + 1] === "'") {
      doubled = true;
      end = line.indexOf("'", end + 2);
    }
    if (end < 0) return undefined;
    this.#end = end + 1;
    this.place = this.#row + 1;
    const text = line.slice(column + 1, end);
    return doubled ? text.replaceAll("''", "'") : text;
  }

  #flowList(line: string, column: number, depth: number): unknown {
    const value: unknown[] = [];
    const of: Place[] = [];
    let at = afterSpaces(line, column + 1);
    while (line[at] !== ']' || value.length > 0) {
      const read = this.#flowValue(line, at, depth + 1);
      if (read === undefined) return undefined;
      value.push(read);
      of.push(this.place);
      at = afterSpaces(line, this.#end);
      if (line[at] === ']') break;
      if (line[at] !== ',') return undefined;
      at = afterSpaces(line, at + 1);
    }
    this.#end = at + 1;
    this.place = { line: this.#row + 1, of };
    return value;
  }

  #flowMap(line: string, column: number, depth: number): unknown {
    const value: Record<string, unknown> = {};
    const of: Record<string, Place> = {};
    let at = afterSpaces(line, column + 1);
    for (let isFirst = true; line[at] !== '}' || !isFirst; isFirst = false) {
      const key = keyAt(FLOW_KEY, line, at);
      if (key === null || Object.hasOwn(value, key)) return undefined;
      const read = this.#flowValue(line, afterSpaces(line, at + key.length + 1), depth + 1);
      if (read === undefined) return undefined;
      value[key] = read;
      of[key] = this.place;
      at = afterSpaces(line, this.#end);
      if (line[at] === '}') break;
      if (line[at] !== ',') return undefined;
      at = afterSpaces(line, at + 1);
    }
    this.#end = at + 1;
    this.place = { line: this.#row + 1, of };
    return value;
  }

  #flowValue(line: string, column: number, depth: number): unknown {
    const mark = line[column] ?? '';
    if (mark === "'" || mark === '"' || mark === '[' || mark === '{') return this.#marked(line, column, depth);
    FLOW_WORDS.lastIndex = column;
    if (!FLOW_WORDS.test(line)) return undefined;
    this.#end = FLOW_WORDS.lastIndex;
    return this.#scalar(withoutEnd(line.slice(column, this.#end)));
  }

  /** A word or words as the core schema of YAML 1.2 reads them. */
  #scalar(text: string): unknown {
    this.place = this.#row + 1;
    if (isSpecial(text)) return text === 'true' ? true : text === 'false' ? false : undefined;
    const first = text.charCodeAt(0);
    // '+', '-', '.' or a digit: no number has a blank in it.
    if ((first !== 43 && first !== DASH && first !== 46 && !isDigit(first)) || text.includes(' ')) return text;
    if (DECIMAL.test(text)) return Object.is(Number(text), -0) ? undefined : Number(text);
    return NO_NUMBER.test(text) ? text : undefined;
  }
}

const keyAt = (form: RegExp, line: string, column: number): string | null => {
  form.lastIndex = column;
  if (!form.test(line)) return null;
  const key = line.slice(column, form.lastIndex - 1);
  return isSpecial(key) ? null : key;
};

/** Asks the expression only of what begins like `true`, `false`, `null` or `~`. */
const isSpecial = (word: string): boolean => {
  if (word.length > 5) return false;
  const first = word.charCodeAt(0) | 32;
  return (first === 116 || first === 102 || first === 110 || first === 126) && SPECIAL.test(word);
};

/** Whether nothing but a comment follows, which needs a blank before it. */
const isBlank = (line: string, from: number): boolean => {
  const at = afterSpaces(line, from);
  return at === line.length || (line.charCodeAt(at) === HASH && at > from);
};

const afterSpaces = (line: string, from: number): number => {
  let at = from;
  while (line.charCodeAt(at) === SPACE) at++;
  return at;
};

/** Only blanks are cut: YAML keeps other white space of words. */
const withoutEnd = (text: string): string => {
  let end = text.length;
  while (text.charCodeAt(end - 1) === SPACE) end--;
  return text.slice(0, end);
};

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
