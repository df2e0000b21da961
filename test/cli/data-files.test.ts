import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingColumns, openDataFile } from '#main/cli/datasets/data-file.ts';
import { readDataTable, sampleNotice } from '#main/cli/datasets/data-table.ts';
import { timeLeft } from '#main/cli/datasets/time-left.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-data-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Buffer): string => {
  const at = path.join(folder, name);
  writeFileSync(at, content);
  return at;
};
const read = async (at: string) => {
  const data = await openDataFile(at);
  const { columns, rows } = await readDataTable(data);
  return { columns, rows: rows.map(({ fields }) => fields) };
};

const WANTED = {
  columns: ['text', 'label'],
  rows: [
    ['where, is "it"', 'card'],
    ['née 😀', 'oos'],
  ],
};
const CSV = 'text,label\n"where, is ""it""",card\nnée 😀,oos\n';
const LINES = '{"text":"where, is \\"it\\"","label":"card"}\n{"label":"oos","text":"née 😀"}\n';

describe('data files', () => {
  it('are recognised by what is in them: separators, JSON lines, a JSON list, gzip, byte order marks', async () => {
    const forms: Record<string, string | Buffer> = {
      comma: CSV,
      semicolon: 'text;label\nwhere, is "it";card\nnée 😀;oos',
      tab: 'text\tlabel\r\nwhere, is "it"\tcard\r\nnée 😀\toos\r\n',
      bar: 'text|label\nwhere, is "it"|card\nnée 😀|oos\n',
      'lines.csv': LINES,
      'list.txt': `\n [${LINES.trim().replace('\n', ', ')}]\n`,
      'csv-in-gzip.json': gzipSync(CSV),
      'lines-in-gzip': gzipSync(LINES),
      'utf-8 with its mark': `\uFEFF${CSV}`,
      'utf-16': Buffer.from(`\uFEFF${CSV}`, 'utf16le'),
      'utf-16, other order': Buffer.from(`\uFEFF${CSV}`, 'utf16le').swap16(),
    };
    for (const [name, content] of Object.entries(forms)) expect(await read(file(name, content)), name).toEqual(WANTED);
    expect(Object.keys(forms).length).toBe(11);
  });

  it('give the hash of their bytes as they lie on the disk', async () => {
    const at = file('hashed.csv.gz', gzipSync(CSV));
    const table = await readDataTable(await openDataFile(at));
    expect(table.sha256).toBe(createHash('sha256').update(readFileSync(at)).digest('hex'));
  });

  it('of JSON have a cell for every key there is, and text for every value', async () => {
    const at = file('keys.jsonl', '{"a":1.5,"b":null}\n\n{"c":[1,{"d":2}],"a":true}\n');
    expect(await read(at)).toEqual({
      columns: ['a', 'b', 'c'],
      rows: [
        ['1.5', '', ''],
        ['true', '', '[1,{"d":2}]'],
      ],
    });
  });

  it('that are none are refused in words that say what to do', async () => {
    const refused: readonly [name: string, content: string | Buffer, words: RegExp][] = [
      ['empty', '', /empty: is empty/],
      ['blank', ' \n\n', /is empty/],
      ['latin-1', Buffer.from('text,label\nn\xe9e,a\n', 'latin1'), /is not UTF-8 .*save it as UTF-8/],
      ['sheet.xlsx', Buffer.from('504b030414000600', 'hex'), /ZIP archive or a spreadsheet; save the sheet as CSV/],
      ['zeros', 'a,b\n\0\0,1\n', /zero byte/],
      ['cut.gz', gzipSync(CSV.repeat(50)).subarray(0, 60), /damaged or cut short/],
      ['short-row', 'a,b\n1\n', /line 2: 1 fields where the heading has 2/],
      ['twice', 'a,a\n1,2\n', /"a" is named twice/],
      ['open-quote', 'a,b\n"1,2\n', /never closed/],
      ['nan.jsonl', '{"a":1}\n{"a":NaN}\n', /line 2 is no JSON: NaN and Infinity are no JSON; write null/],
      ['half.jsonl', '{"a":1}\n{"a":\n', /line 2 is no JSON/],
      ['numbers.json', '[1,2]', /row 1 is no JSON object/],
      ['open-list.json', '[{"a":1},', /never closed/],
      ['one-object.json', '{\n "train": []\n}\n', /line 1 is no JSON: each line must be one JSON object/],
    ];
    for (const [name, content, words] of refused) await expect(read(file(name, content)), name).rejects.toThrow(words);
  });

  it('name the columns there are where one is missing', async () => {
    const data = await openDataFile(file('named.csv', CSV));
    expect(missingColumns(data, ['label', 'text'])).toBeNull();
    expect(missingColumns(data, ['label', 'intent'])).toContain('has no column "intent"; its columns are text, label');
  });

  it('too large for memory are thinned evenly, in order, the same way every time, and say so', async () => {
    const rows = 20_000;
    const at = file('large.csv', `n,text\n${Array.from({ length: rows }, (_, n) => `${n},some words of row ${n}`).join('\n')}\n`);
    const thinned = async () => readDataTable(await openDataFile(at), () => {}, { mostRows: 1_000, mostCharacters: 1e9 });
    const table = await thinned();
    const numbers = table.rows.map(({ fields }) => Number(fields[0]));
    expect(table.rowsInFile).toBe(rows);
    expect(numbers.length).toBeGreaterThan(450);
    expect(numbers.length).toBeLessThanOrEqual(1_000);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    const early = numbers.filter((n) => n < rows / 2).length / numbers.length;
    expect(Math.abs(early - 0.5)).toBeLessThan(0.1);
    expect((await thinned()).rows).toEqual(table.rows);
    expect(sampleNotice(table, 'F')).toMatch(/^F has 20000 rows; \d+ of them/);
    const small = await readDataTable(await openDataFile(at), () => {}, { mostRows: 1e9, mostCharacters: 50_000 });
    expect(small.rows.reduce((sum, { fields }) => sum + fields.join('').length, 0)).toBeLessThanOrEqual(50_000);
    expect(small.rows.length).toBeGreaterThan(500);
  });

  it('tell how long the rest will take', () => {
    let nowMs = 0;
    const left = timeLeft(() => nowMs);
    nowMs = 10_000;
    expect(left(0.25)).toBe('25 %, 30 s left');
    expect(left(0.005)).toBe('0 %');
    nowMs = 600_000;
    expect(left(0.5)).toBe('50 %, 10 min left');
    expect(left(1)).toBe('100 %');
  });
});
