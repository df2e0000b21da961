/**
 * A file of rows, whatever its form: comma, semicolon, tab or bar between fields, JSON objects one a line or in one list; plain or
 * gzipped, recognised by what is in it and never by its name. Rows come one at a time: a file of any size can be read.
 */
import { type SeparatedRow, SeparatedRows } from '#learning';
import { DataFileFault } from './data-file-fault.ts';
import { jsonValues } from './json-values.ts';
import { openTextFile } from './text-file.ts';

/** What `--data` takes, in the help of a command. */
export const DATA_HELP = 'Rows: CSV, TSV, semicolons or bars with a heading, or JSON objects one a line; plain or gzipped';

export interface DataFile {
  readonly file: string;
  /**
   * Names of the columns. Of JSON rows: the keys of the first 1,000, in the order in which they appear; the list grows when a
   * later row has another one.
   */
  readonly columns: readonly string[];
  /**
   * Every row once. A cell is text: of JSON a number or true as it is written, null and an absent key as the empty text, a list
   * or an object as JSON. A row may be shorter than `columns` (JSON). Throws a DataFileFault where the file is no table after all.
   */
  readonly rows: AsyncGenerator<SeparatedRow>;
  /** Share of the file that has been read, 0 … 1. */
  readonly share: () => number;
  /** SHA-256 of the file's bytes; only after the last row. */
  readonly sha256: () => string;
}

/** JSON rows looked at before the first one is handed out. */
const AHEAD = 1_000;

const cellOf = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
};

/** A generator whose first text is not blank, and that text's first character that is not. */
const peeked = async (pieces: AsyncGenerator<string>): Promise<{ first: string; all: AsyncGenerator<string> }> => {
  const ahead: string[] = [];
  let first = '';
  while (first === '') {
    const next = await pieces.next();
    if (next.done === true) break;
    ahead.push(next.value);
    first = next.value.trimStart().slice(0, 1);
  }
  return {
    first,
    all: (async function* () {
      yield* ahead;
      yield* pieces;
    })(),
  };
};

const separatedRows = async function* (file: string, pieces: AsyncIterable<string>): AsyncGenerator<SeparatedRow> {
  const reader = new SeparatedRows();
  try {
    for await (const piece of pieces) yield* reader.push(piece);
    yield* reader.end();
  } catch (error) {
    if (error instanceof DataFileFault || !(error instanceof Error) || 'code' in error) throw error;
    throw new DataFileFault(file, error.message, { cause: error });
  }
};

const openSeparated = async (
  file: string,
  pieces: AsyncIterable<string>,
): Promise<{ columns: readonly string[]; rows: AsyncGenerator<SeparatedRow> }> => {
  const all = separatedRows(file, pieces);
  const heading = await all.next();
  if (heading.done === true) throw new DataFileFault(file, 'is empty: the first line must name the columns');
  const columns = heading.value.fields.map((name) => name.trim());
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw new DataFileFault(file, `line 1: the column "${twice}" is named twice`);
  const rows = async function* () {
    for await (const row of all) {
      if (row.fields.length !== columns.length)
        throw new DataFileFault(file, `line ${row.line}: ${row.fields.length} fields where the heading has ${columns.length}`);
      yield row;
    }
  };
  return { columns, rows: rows() };
};

const openJson = async (
  file: string,
  pieces: AsyncIterable<string>,
  first: string,
): Promise<{ columns: readonly string[]; rows: AsyncGenerator<SeparatedRow> }> => {
  const columns: string[] = [];
  const place = new Map<string, number>();
  const all = (async function* (): AsyncGenerator<SeparatedRow> {
    for await (const { line, value } of jsonValues(file, pieces, first)) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new DataFileFault(file, `row ${line} is no JSON object with a key for each column`);
      const fields: string[] = Array.from(columns, () => '');
      for (const [name, cell] of Object.entries(value)) {
        let at = place.get(name);
        if (at === undefined) {
          at = columns.push(name) - 1;
          place.set(name, at);
        }
        fields[at] = cellOf(cell);
      }
      yield { line, fields };
    }
  })();
  const ahead: SeparatedRow[] = [];
  while (ahead.length < AHEAD) {
    const next = await all.next();
    if (next.done === true) break;
    ahead.push(next.value);
  }
  const rows = async function* () {
    yield* ahead;
    yield* all;
  };
  return { columns, rows: rows() };
};

/** Throws a DataFileFault where the file is no table, and as the file system does where it cannot be read. */
export const openDataFile = async (file: string): Promise<DataFile> => {
  const text = await openTextFile(file);
  const { first, all } = await peeked(text.pieces);
  if (first === '') throw new DataFileFault(file, 'is empty');
  const { columns, rows } = await (first === '{' || first === '[' ? openJson(file, all, first) : openSeparated(file, all));
  return { file, columns, rows, share: () => (text.bytes === 0 ? 1 : text.bytesRead() / text.bytes), sha256: text.sha256 };
};

/** Which of these columns the file does not have, as a sentence; null = none. */
export const missingColumns = ({ file, columns }: Pick<DataFile, 'file' | 'columns'>, needed: readonly string[]): string | null => {
  const missing = needed.filter((name) => !columns.includes(name));
  if (missing.length === 0) return null;
  const quoted = missing.map((name) => `"${name}"`).join(', ');
  return `${file} has no column ${quoted}; its columns are ${columns.join(', ').slice(0, 400)}`;
};
