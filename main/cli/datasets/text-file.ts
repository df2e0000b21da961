/** The text of a data file piece by piece, whatever its bytes are: gzipped or not, UTF-8 or UTF-16 with its mark. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataFileFault } from './data-file-fault.ts';

const PIECE_BYTES = 256 * 1024;
const HEAD_BYTES = 8;

/** First bytes of files people mistake for tables. */
const OTHERS: readonly (readonly [signature: string, words: string])[] = [
  ['504b0304', 'is a ZIP archive or a spreadsheet; save the sheet as CSV, or unpack the archive'],
  ['50415231', 'is a Parquet file; write it as CSV or JSONL'],
  ['28b52ffd', 'is compressed with zstd; unpack it, or use gzip'],
  ['fd377a58', 'is compressed with xz; unpack it, or use gzip'],
  ['425a68', 'is compressed with bzip2; unpack it, or use gzip'],
  ['53514c69', 'is an SQLite database; export the table as CSV'],
];

export interface TextFile {
  /** Size on the disk, and how much of it has been read: for time left. */
  readonly bytes: number;
  readonly bytesRead: () => number;
  /** Pieces of text in order, without a byte order mark. Throws a DataFileFault where the bytes are no text. */
  readonly pieces: AsyncGenerator<string>;
  /** SHA-256 of the file's bytes as they are on the disk; only after the last piece. */
  readonly sha256: () => string;
}

const encodingOf = (head: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' => {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8';
};

const decodedPieces = async function* (file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  let read = 0;
  try {
    for await (const chunk of chunks) {
      decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
      const piece = decoder.decode(chunk, { stream: true });
      if (piece.includes('\0')) throw new DataFileFault(file, `holds a zero byte near byte ${read}: it is no text; save it as UTF-8 text`);
      read += chunk.length;
      if (piece !== '') yield piece;
    }
    const rest = decoder?.decode() ?? '';
    if (rest !== '') yield rest;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new DataFileFault(file, `is not UTF-8 (near byte ${read}); save it as UTF-8`, { cause: error });
    if (code?.startsWith('Z_') === true)
      throw new DataFileFault(file, `is gzipped and damaged or cut short (${code}); fetch it again`, { cause: error });
    throw error;
  }
};

export const openTextFile = async (file: string): Promise<TextFile> => {
  const handle = await open(file);
  const head = Buffer.alloc(HEAD_BYTES);
  let bytes: number;
  try {
    ({ size: bytes } = await handle.stat());
    await handle.read(head, 0, HEAD_BYTES, 0);
  } finally {
    await handle.close();
  }
  const signature = head.toString('hex');
  const other = OTHERS.find(([start]) => signature.startsWith(start));
  if (other !== undefined) throw new DataFileFault(file, other[1]);
  const hash = createHash('sha256');
  let bytesRead = 0;
  const source = createReadStream(file, { highWaterMark: PIECE_BYTES });
  const watched = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytesRead += chunk.length;
      done(null, chunk);
    },
  });
  const plain = source.pipe(watched);
  // pipe() does not carry a reader's error over.
  source.on('error', (error) => watched.destroy(error));
  const gunzip = signature.startsWith('1f8b') ? createGunzip({ chunkSize: PIECE_BYTES }) : null;
  if (gunzip !== null) plain.on('error', (error) => gunzip.destroy(error));
  const stream = gunzip === null ? plain : plain.pipe(gunzip);
  return { bytes, bytesRead: () => bytesRead, pieces: decodedPieces(file, stream), sha256: () => hash.digest('hex') };
};
