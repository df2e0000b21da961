/** JSON values of a data file, one a line (JSONL) or the elements of one list, without holding the file in memory. */
import { DataFileFault } from './data-file-fault.ts';

export interface JsonValue {
  /** Line of a JSONL file, element of a list; from 1. */
  readonly line: number;
  readonly value: unknown;
}

const parse = (file: string, where: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = /:\s*-?(NaN|Infinity)\b/.test(text)
      ? 'NaN and Infinity are no JSON; write null for what is unknown'
      : 'each line must be one JSON object; a file of one list of objects is read too';
    throw new DataFileFault(file, `${where} is no JSON: ${why}`, { cause: error });
  }
};

const linesOf = async function* (file: string, pieces: AsyncIterable<string>): AsyncGenerator<JsonValue> {
  let waiting: string[] = [];
  let line = 0;
  const value = (text: string): JsonValue => ({ line, value: parse(file, `line ${line}`, text) });
  for await (const piece of pieces) {
    const lines = piece.split('\n');
    const last = lines.pop() ?? '';
    for (const [at, text] of lines.entries()) {
      line += 1;
      const whole = at === 0 ? waiting.join('') + text : text;
      if (whole.trim() !== '') yield value(whole);
    }
    if (lines.length > 0) waiting = [];
    if (last !== '') waiting.push(last);
  }
  const rest = waiting.join('');
  line += 1;
  if (rest.trim() !== '') yield value(rest);
};

/** Cuts `[ a, b, … ]` at its own commas; what is inside an element is left to the parser. */
const elementsOf = async function* (file: string, pieces: AsyncIterable<string>): AsyncGenerator<JsonValue> {
  let depth = 0;
  let inText = false;
  let escaped = false;
  let ended = false;
  let element = '';
  let line = 0;
  const take = function* (): Generator<JsonValue> {
    if (element.trim() !== '') {
      line += 1;
      yield { line, value: parse(file, `element ${line}`, element) };
    }
    element = '';
  };
  for await (const piece of pieces) {
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const char = piece[at];
      if (inText) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inText = false;
      } else if (char === '"') inText = true;
      else if (char === '[' || char === '{') {
        depth += 1;
        if (depth === 1) from = at + 1;
      } else if (char === ']' || char === '}') {
        depth -= 1;
        if (depth === 0) {
          element += piece.slice(from, at);
          yield* take();
          from = piece.length;
          ended = true;
        }
      } else if (char === ',' && depth === 1) {
        element += piece.slice(from, at);
        yield* take();
        from = at + 1;
      }
    }
    element += piece.slice(from);
  }
  if (!ended) throw new DataFileFault(file, 'the list is never closed; the file is cut short');
};

/** `first`: the first character that is no blank. */
export const jsonValues = (file: string, pieces: AsyncIterable<string>, first: string): AsyncGenerator<JsonValue> =>
  first === '[' ? elementsOf(file, pieces) : linesOf(file, pieces);
