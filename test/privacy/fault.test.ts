/** What is told of an error: closed fields, never a foreign message. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { InferenceSession } from 'onnxruntime-node';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readStored } from '#adapters/sqlite/read-stored.ts';
import { causesOf, CrashReport, faultLine, InWords, wordsOf } from '#contract/fault.ts';
import { dropCrashes, readCrashes, writeCrash } from '#main/crash/crash-files.ts';

/** Short enough for JSON.parse, which quotes ten characters. */
const NAME = 'Quillfeath';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
const newFolder = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sotto-crash-'));
  folders.push(folder);
  return folder;
};

const thrownBy = async (work: () => unknown): Promise<Error> => {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
};

/** Real errors of the libraries that see personal data, each quoting the name. */
const FOREIGN: readonly (readonly [string, () => unknown])[] = [
  ['JSON.parse', () => JSON.parse(NAME) as unknown],
  ['zod, an unknown key', () => z.strictObject({}).parse({ [NAME]: 1 })],
  [
    'zod, a check with the value in its words',
    () =>
      z
        .string()
        .refine(() => false, `${NAME} will not do`)
        .parse('x'),
  ],
  ['SQLite', () => new Database(':memory:').exec(`select * from "${NAME}"`)],
  ['onnxruntime', () => InferenceSession.create(`/nowhere/${NAME}.onnx`)],
  ['a URL', () => new URL(NAME)],
  ['a file', () => readFileSync(`/nowhere/${NAME}`)],
];

describe('an error is told by closed fields', () => {
  test.each(FOREIGN)('the message of %s goes nowhere, under any number of our own words', async (_, work) => {
    const error = await thrownBy(work);
    // The search would find it.
    expect(`${error.message} ${(error as { input?: string }).input ?? ''}`).toContain(NAME);
    const wrapped = new InWords('reading a profile failed', { cause: error });
    for (const thrown of [error, wrapped]) {
      for (const told of [faultLine('turn', thrown), wordsOf(thrown), JSON.stringify(causesOf(thrown))]) {
        expect(told).not.toMatch(/quillfeath/i);
      }
      CrashReport.parse({ v: 1, atMs: 0, process: 'engine', operation: 'turn', causes: causesOf(thrown) });
    }
    expect(faultLine('turn', wrapped)).toContain('reading a profile failed');
  });

  test('what helps is kept: name, code, our own words and where it was', async () => {
    const error = await thrownBy(() => new Database(':memory:').exec('select 1 from nowhere'));
    expect(causesOf(new InWords('looking failed', { cause: error }))).toEqual([
      { name: 'Error', code: null, words: 'looking failed', at: [] },
      { name: 'SqliteError', code: 'SQLITE_ERROR', words: null, at: [] },
    ]);
    const stored = await thrownBy(() => readStored(z.object({}), 'profile', `{"name": ${NAME}}`));
    expect(faultLine('turn', stored)).toMatch(
      /^turn failed: a stored profile is no JSON \(engine\/adapters\/sqlite\/read-stored\.ts:\d+:\d+.*\); because SyntaxError \(engine\/adapters\/sqlite\/read-stored\.ts:/,
    );
    const misfit = await thrownBy(() => readStored(z.strictObject({}), 'card', `{"${NAME}": 1}`));
    expect(wordsOf(misfit)).toBe('a stored card does not fit its schema');
  });

  test('neither a message that looks like a place, nor a name or code somebody set, nor something thrown that is no error is repeated', () => {
    const planted = new Error(`no\n    at /home/x/engine/${NAME}.ts:1:1`);
    const named = Object.assign(new Error('x'), { name: NAME, code: NAME });
    const changed = new Error(`    at /home/x/engine/${NAME}.ts:1:1`);
    changed.message = 'another';
    for (const thrown of [planted, named, changed, NAME, { message: NAME }, null]) {
      expect(faultLine('turn', thrown)).not.toMatch(/quillfeath/i);
    }
  });
});

test('no source of the desk reads the message or the stack of an error but the one that decides what of it is told', () => {
  const root = path.join(import.meta.dirname, '..', '..');
  const folders = ['engine', 'main/shell', 'main/engine-process', 'main/crash', 'renderer'];
  const sources = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  expect(sources.length).toBeGreaterThan(200);
  const reading = sources.filter((name) =>
    /(?:error|cause|thrown|failure|fault|reason)\.(?:message|stack)\b/.test(readFileSync(path.join(root, name), 'utf8')),
  );
  expect(reading.toSorted()).toEqual([
    // Looks for a folder that is missing, and repeats nothing.
    'engine/adapters/sqlite/open-store.ts',
    'engine/contract/fault.ts',
  ]);
});

describe('crash files', () => {
  test('hold the closed fields and nothing else, are few, and are read back through their schema', async () => {
    const folder = newFolder();
    const error = await thrownBy(() => JSON.parse(NAME) as unknown);
    const file = writeCrash(folder, 'engine', 'uncaught', error) ?? '';
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(NAME);
    expect(CrashReport.parse(JSON.parse(text))).toMatchObject({
      process: 'engine',
      operation: 'uncaught',
      causes: [{ name: 'SyntaxError' }],
    });
    for (let i = 0; i < 30; i++) writeFileSync(path.join(folder, 'crashes', `${1_700_000_000_000 + i}-main-1.json`), text);
    writeFileSync(path.join(folder, 'crashes', '1800000000000-main-1.json'), JSON.stringify({ ...JSON.parse(text), note: NAME }));
    writeCrash(folder, 'main', 'unhandled', error);
    expect(readdirSync(path.join(folder, 'crashes'))).toHaveLength(20);
    const { reports, unreadable } = readCrashes(folder);
    expect([reports.length, unreadable]).toEqual([19, 1]);
    expect(dropCrashes(folder, 1_700_000_000_025)).toBeGreaterThan(5);
    expect(readCrashes(folder).reports.length).toBeGreaterThan(2);
  });

  test('a folder that cannot be written to does not hide the crash', () => {
    const folder = newFolder();
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    expect(writeCrash(file, 'main', 'uncaught', new Error('x'))).toBeNull();
    expect(readCrashes(folder)).toEqual({ reports: [], unreadable: 0 });
  });
});
