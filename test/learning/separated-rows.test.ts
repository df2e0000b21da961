import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTable, recogniseSeparator, SeparatedRows } from '#learning';

const fieldsOf = (text: string, separator?: string) => {
  const reader = new SeparatedRows(separator);
  return [...reader.push(text), ...reader.end()].map((row) => row.fields);
};

/** The rows, or what was wrong. */
const readPieces = (pieces: readonly string[]) => {
  const reader = new SeparatedRows(',');
  try {
    return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
  } catch (error) {
    return String(error);
  }
};

describe('separated text', () => {
  it('recognises comma, semicolon, tab and bar, ignoring what is quoted', () => {
    expect(recogniseSeparator('a,b,c\n')).toBe(',');
    expect(recogniseSeparator('"a,b,c";d;e\n')).toBe(';');
    expect(recogniseSeparator('a\tb\n')).toBe('\t');
    expect(recogniseSeparator('a|b\n')).toBe('|');
    expect(recogniseSeparator('a\n')).toBe(',');
  });

  it('reads quoted separators, line ends and quotes, a byte order mark and Windows line ends', () => {
    expect(fieldsOf('\uFEFFa,b\r\n"x, y","line 1\nline 2"\r\n"say ""hi""",z\r\n')).toEqual([
      ['a', 'b'],
      ['x, y', 'line 1\nline 2'],
      ['say "hi"', 'z'],
    ]);
  });

  it('takes a quote inside a plain field as it is, keeps empty fields, skips empty lines, needs no last line end', () => {
    expect(fieldsOf('a,b\n5" pipe,\n\n,"",\n"",x')).toEqual([
      ['a', 'b'],
      ['5" pipe', ''],
      ['', '', ''],
      ['', 'x'],
    ]);
  });

  it('numbers lines through quoted line ends', () => {
    expect(readTable('a,b\n"1\n2",x\n3,y\n').rows.map((row) => row.line)).toEqual([2, 4]);
  });

  it('names the line of a quote never closed, a short row, a column named twice, an empty table', () => {
    expect(() => readTable('a,b\n1,2\n"3,4\n')).toThrow('line 3: a quoted field is never closed');
    expect(() => readTable('a,b\n1,2\n3\n')).toThrow('line 3: 1 fields where the heading has 2');
    expect(() => readTable('a,a\n')).toThrow('named twice');
    expect(() => readTable('')).toThrow('empty');
  });

  it('gives back what was written, in whatever pieces it arrives', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '😀'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 7 }), (rows, size) => {
        const text = rows.map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')).join('\r\n');
        const reader = new SeparatedRows(',');
        const read = [];
        for (let at = 0; at < text.length; at += size) read.push(...reader.push(text.slice(at, at + size)));
        read.push(...reader.end());
        expect(read.map((row) => row.fields)).toEqual(rows);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('reads the same rows with the same lines whether a piece holds whole lines or single characters', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\r\n', ' '), maxLength: 30 });
    fc.assert(
      fc.property(cell, (text) => {
        expect(readPieces([text])).toEqual(readPieces(text.split('')));
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });
});
