/** A data file as a table in memory: all of its rows, or of a very large one a sample that is the same every time. */
import type { SeparatedRow, Table } from '#learning';
import type { DataFile } from './data-file.ts';

export interface DataTable extends Table {
  /** SHA-256 of the file's bytes. */
  readonly sha256: string;
  /** Rows of the file; more than `rows.length` where those are a sample. */
  readonly rowsInFile: number;
}

export interface TableLimits {
  /** Most rows kept; a longer file is thinned to between half as many and as many. */
  readonly mostRows: number;
  /** Most characters kept. */
  readonly mostCharacters: number;
}

/** What fits in half of the memory Node takes by itself, with what training needs beside it. */
const LIMITS: TableLimits = { mostRows: 1_000_000, mostCharacters: 400_000_000 };

/** V8 keeps the whole piece a longer text was cut from; a copy keeps itself alone. */
const CUT_FROM = 13;
const copied = (text: string): string => (text.length < CUT_FROM ? text : Buffer.from(text, 'utf16le').toString('utf16le'));

/** Evenly spread over 0 … 2³² − 1 and depends on the number alone (the finaliser of MurmurHash3, Appleby). */
const spread = (number: number): number => {
  let mixed = number ^ (number >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

const charactersOf = ({ fields }: SeparatedRow): number => fields.reduce((sum, { length }) => sum + length, 0);

/** @param onRow is told, every thousand rows, how many have been read. */
export const readDataTable = async (
  data: DataFile,
  onRow: (rows: number) => void = () => {},
  limits: TableLimits = LIMITS,
): Promise<DataTable> => {
  let kept: { readonly row: SeparatedRow; readonly draw: number }[] = [];
  let below = 2 ** 32;
  let rowsInFile = 0;
  let characters = 0;
  for await (const { line, fields } of data.rows) {
    rowsInFile += 1;
    if (rowsInFile % 1_000 === 0) onRow(rowsInFile);
    const draw = spread(rowsInFile);
    if (draw >= below) continue;
    const row = { line, fields: fields.map(copied) };
    kept.push({ row, draw });
    characters += charactersOf(row);
    while (kept.length > limits.mostRows || (characters > limits.mostCharacters && kept.length > 1)) {
      below /= 2;
      kept = kept.filter((one) => one.draw < below);
      characters = kept.reduce((sum, one) => sum + charactersOf(one.row), 0);
    }
  }
  const { columns } = data;
  // A JSON row knows only the columns that had been seen by then.
  const rows = kept.map(({ row }) => ({ line: row.line, fields: columns.map((_, at) => row.fields[at] ?? '') }));
  return { columns, rows, sha256: data.sha256(), rowsInFile };
};

/** What must be said where not all rows are used; null = all are. */
export const sampleNotice = ({ rows, rowsInFile }: DataTable, file: string): string | null =>
  rows.length === rowsInFile
    ? null
    : `${file} has ${rowsInFile} rows; ${rows.length} of them, spread evenly, are used (the same ones every time)`;
