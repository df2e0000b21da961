/** Lines of a file as they are, byte for byte: for what is compared byte for byte, and for what must not be guessed at. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

export interface ByteLine {
  /** From 1. */
  readonly line: number;
  /** Without the line end. Null where the bytes are no UTF-8. */
  readonly text: string | null;
}

const LINE_END = 0x0a;

/** Every line but empty ones, of a plain or gzipped (`.gz`) file. */
export const readByteLines = async function* (file: string): AsyncGenerator<ByteLine> {
  const bytes = createReadStream(file, { highWaterMark: 256 * 1024 });
  const stream = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  // pipe() does not carry the reader's error over.
  if (stream !== bytes) bytes.on('error', (error) => stream.destroy(error));
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decoded = (pieces: readonly Buffer[]): string | null => {
    try {
      return decoder.decode(Buffer.concat(pieces));
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  };
  let waiting: Buffer[] = [];
  let line = 0;
  for await (const chunk of stream) {
    const piece = chunk as Buffer;
    let from = 0;
    for (let end = piece.indexOf(LINE_END); end >= 0; end = piece.indexOf(LINE_END, from)) {
      waiting.push(piece.subarray(from, end));
      from = end + 1;
      line += 1;
      const text = decoded(waiting);
      waiting = [];
      if (text === null || text.trim() !== '') yield { line, text };
    }
    if (from < piece.length) waiting.push(piece.subarray(from));
  }
  if (waiting.length === 0) return;
  const text = decoded(waiting);
  if (text === null || text.trim() !== '') yield { line: line + 1, text };
};
