/** Text files read piece by piece, plain or gzipped by their name. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';

/** The file's text in pieces. Bytes that are no UTF-8 become U+FFFD. */
export const readPieces = async function* (file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file, { highWaterMark: 256 * 1024 });
  const stream = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  // pipe() does not carry the reader's error over.
  if (stream !== bytes) bytes.on('error', (error) => stream.destroy(error));
  const decoder = new TextDecoder();
  for await (const chunk of stream) yield decoder.decode(chunk as Uint8Array, { stream: true });
  const rest = decoder.decode();
  if (rest !== '') yield rest;
};

/** Lines with their numbers from 1, without line ends; empty lines are left out. */
export const readLines = async function* (file: string): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  let waiting = '';
  let line = 0;
  for await (const piece of readPieces(file)) {
    const lines = (waiting + piece).split('\n');
    waiting = lines.pop() ?? '';
    for (const text of lines) {
      line += 1;
      if (text.trim() !== '') yield { line, text };
    }
  }
  if (waiting.trim() !== '') yield { line: line + 1, text: waiting };
};

/** The file itself, or every file below the folder whose name ends so (with or without `.gz`), in order of their paths. */
export const filesOf = async (place: string, ending: string): Promise<readonly string[]> => {
  if ((await stat(place)).isFile()) return [place];
  const names = await readdir(place, { recursive: true });
  return names
    .filter((name) => name.endsWith(ending) || name.endsWith(`${ending}.gz`))
    .filter((name) => !name.split(path.sep).some((part) => part.startsWith('.')))
    .toSorted()
    .map((name) => path.join(place, name));
};

/** The part of a file's path that tells it from the others imported with it, as words joined by hyphens: `airline-train`. */
export const nameWithin = (file: string, place: string): string =>
  (path.relative(place, file) || path.basename(file))
    .replace(/\.gz$/, '')
    .replace(/\.[a-z]+$/, '')
    .split(path.sep)
    .join('-');
