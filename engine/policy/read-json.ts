/**
 * JSON text → plain data that remembers its lines. JSON.parse would not do: it says nothing of lines, and of a key that is
 * there twice it keeps the last without a word.
 */
import type { FaultList } from './fault-list.ts';
import { MAX_DEPTH, type Place, type PolicySource, partAt } from './policy-source.ts';

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** Reads one file. Faults go to `faults`; null when there is nothing to check further. */
export const readJson = (file: string, text: string, faults: FaultList): PolicySource | null => {
  if (text.trim() === '') {
    faults.add(file, 1, 'the file is empty: write its content, or [] for an empty list and {} for an empty map');
    return null;
  }
  const reader = new Reader(text);
  const value = reader.document();
  if (reader.fault !== null) {
    faults.add(file, reader.line, reader.fault);
    return null;
  }
  const lineAt = linesOf(reader.place);
  return { file, value, lineAt, lineOfKey: (path, key) => lineAt([...path, key]) };
};

/** Lines by the places of a file. */
export const linesOf =
  (root: Place): PolicySource['lineAt'] =>
  (path) => {
    let place = root;
    for (let i = 0; i < path.length; i++) {
      const next = typeof place === 'number' ? undefined : (partAt(place.of, path[i] as string | number) as Place | undefined);
      if (next === undefined) break;
      place = next;
    }
    return typeof place === 'number' ? place : place.line;
  };

/** Stops at the first fault; from there on every value is undefined. */
class Reader {
  fault: string | null = null;
  /** The line that is read, from 1. */
  line = 1;
  /** Of what was read last. */
  place: Place = 1;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value(0);
    if (this.fault === null && this.#skip() !== '') return this.#refuse('something stands behind the end: a file holds one value');
    return value;
  }

  /** Goes to the next visible letter and gives it; '' at the end. */
  #skip(): string {
    for (; this.#at < this.#text.length; this.#at++) {
      const letter = this.#text[this.#at];
      if (letter === '\n') this.line++;
      else if (letter !== ' ' && letter !== '\r' && letter !== '\t') break;
    }
    return this.#text[this.#at] ?? '';
  }

  #value(depth: number): unknown {
    const mark = this.#skip();
    const line = this.line;
    if (mark === '"') {
      const text = this.#string();
      this.place = line;
      return text;
    }
    if (mark === '{' || mark === '[') {
      if (depth >= MAX_DEPTH) return this.#refuse(`nested more than ${MAX_DEPTH} levels deep: no policy needs that`);
      this.#at++;
      const read = mark === '{' ? this.#map(depth) : this.#list(depth);
      if (this.fault !== null) return undefined;
      this.place = { line, of: read.of };
      return read.value;
    }
    this.place = line;
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    NUMBER.lastIndex = this.#at;
    if (!NUMBER.test(this.#text)) return this.#refuse(unexpected(mark));
    const number = Number(this.#text.slice(this.#at, NUMBER.lastIndex));
    this.#at = NUMBER.lastIndex;
    return number;
  }

  #map(depth: number): { readonly value: Record<string, unknown>; readonly of: Record<string, Place> } {
    const value: Record<string, unknown> = {};
    const of: Record<string, Place> = {};
    if (this.#skip() === '}') this.#at++;
    else
      do {
        if (this.#skip() !== '"') {
          this.#refuse(this.#text[this.#at] === '}' ? 'a comma stands before "}": take it out' : 'a key in double quotes is expected');
          break;
        }
        const line = this.line;
        const key = this.#string();
        if (key === undefined) break;
        if (Object.hasOwn(value, key) || key === '__proto__') {
          this.line = line;
          this.#refuse(key === '__proto__' ? 'a key must be a plain word' : `key "${key}" is there twice: keep one`);
          break;
        }
        if (this.#skip() !== ':') {
          this.#refuse(`":" is expected after the key "${key}"`);
          break;
        }
        this.#at++;
        value[key] = this.#value(depth + 1);
        of[key] = this.place;
      } while (this.#goesOn('}'));
    return { value, of };
  }

  #list(depth: number): { readonly value: unknown[]; readonly of: readonly Place[] } {
    const value: unknown[] = [];
    const of: Place[] = [];
    if (this.#skip() === ']') this.#at++;
    else
      do {
        if (this.#skip() === ']') {
          this.#refuse('a comma stands before "]": take it out');
          break;
        }
        value.push(this.#value(depth + 1));
        of.push(this.place);
      } while (this.#goesOn(']'));
    return { value, of };
  }

  /** Whether a comma follows; otherwise the end must. */
  #goesOn(end: string): boolean {
    if (this.fault !== null) return false;
    const mark = this.#skip();
    if (mark !== ',' && mark !== end) {
      this.#refuse(mark === '' ? `the file ends before "${end}"` : `"," or "${end}" is expected before ${mark}`);
      return false;
    }
    this.#at++;
    return mark === ',';
  }

  #string(): string | undefined {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    let text = this.#text.slice(start + 1, end);
    if (end >= 0 && !text.includes('\\') && !hasControl(text)) {
      this.#at = end + 1;
      return text;
    }
    while (end >= 0 && isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1);
    text = this.#text.slice(start, end + 1);
    if (end < 0 || text.includes('\n')) return this.#refuse('text must end with a double quote on its line; write \\n for a line break');
    this.#at = end + 1;
    try {
      return String(JSON.parse(text));
    } catch {
      return this.#refuse(`text ${text.slice(0, 40)} has a control letter or a "\\" that stands for nothing: write \\\\ for "\\"`);
    }
  }

  #refuse(reason: string): undefined {
    const mark = this.#text[this.#at];
    this.fault ??= `cannot be read as JSON: ${mark === '/' || mark === '#' ? 'it has no comments: take them out' : reason}`;
    return undefined;
  }
}

const unexpected = (mark: string): string => {
  if (mark === '') return 'the file ends before its value does';
  return `a value cannot start with ${mark}: text stands in double quotes`;
};

const hasControl = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 32) return true;
  return false;
};

/** Whether an odd number of backslashes stands before. */
const isEscaped = (text: string, at: number): boolean => {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
};
